import { expect, test } from 'vitest';
import { BUILT_IN } from '../../../src/session/redaction/policy.ts';
import { createRedactor } from '../../../src/session/redaction/redactor.ts';

const redacted = (text: string): string => createRedactor(BUILT_IN).text(text);
const mixed = (length: number): string => 'a1B2c3D4e5F6g7H8'.repeat(2).slice(0, length);

/** Ways to write a password beside `password=`, with the password in braces. */
const PASSWORDS: readonly (readonly [text: string, placeholder: string])[] = [
  ['DB_PASS={hunter2}', 'PASSWORD'],
  ['first\\nDB_PASS={hunter2}\\nlast', 'PASSWORD'],
  ['{\\"pass\\": \\"{s3cr3tp4ss}\\"}', 'PASSWORD'],
  ['auth: { user: "bob", pass: "{s3cr3tp4ss}" }', 'PASSWORD'],
  ["const dbPass = '{s3cr3tp4ss}';", 'PASSWORD'],
  ['pw   = {s3cr3tp4ss}', 'PASSWORD'],
  ['if (password === "{s3cr3tp4ss}") open()', 'PASSWORD'],
  [`if (token !== "{${mixed(24)}}") throw new Error()`, 'TOKEN'],
  ["db_pw = '{s3cr3tp4ss}'", 'PASSWORD'],
  [`MY_AUTH={${mixed(16)}}`, 'CREDENTIALS'],
  [`export CI_CREDS="{${mixed(16)}}"`, 'CREDENTIALS'],
  ['Data Source=h;User Id=u;Password={geheimnis};', 'PASSWORD'],
  ['Driver=SQL;Server=h;Uid=u;Pwd={geheimnis};', 'PASSWORD'],
  ['jdbc:sqlserver://h;user=u;password={geheimnis};encrypt=true', 'PASSWORD'],
  ['Passwort: {s3cr3t#p4ss}', 'PASSWORD'],
  ['Das Kennwort ist jetzt {s3cr3t#p4ss}.', 'PASSWORD'],
  ['Password for the staging host: {s3cr3t#p4ss}', 'PASSWORD'],
  ['the password was "{s3cr3t#p4ss}", now it is another', 'PASSWORD'],
  ['le mot de passe est {s3cr3t#p4ss}', 'PASSWORD'],
  ['la contraseña es {s3cr3t#p4ss}', 'PASSWORD'],
  ['a senha é {s3cr3t#p4ss}', 'PASSWORD'],
  [`my api key is {${mixed(24)}}, use it`, 'API_KEY'],
  ['machine git login bot password {s3cr3tp4ss}', 'PASSWORD'],
  ['machine git\n  login bot\n  password {s3cr3tp4ss}', 'PASSWORD'],
  [`curl -b "theme=dark; session={${mixed(24)}}" --cookie-jar c h`, 'SESSION_COOKIE'],
  ["mysqldump -h db -uroot -p'{geheimnis}' app", 'PASSWORD'],
  ["mysql -uroot -p'{ab;cd&ef|gh}' app", 'PASSWORD'],
  ['docker login \\\n  -u bot \\\n  --password={geheimnis} h', 'PASSWORD'],
  ['redis-cli --pass {geheimnis} ping', 'PASSWORD'],
  ['htpasswd -cb .htpasswd bob {geheimnis}', 'PASSWORD'],
  ['htpasswd -c -b -B .htpasswd bob {geheimnis}', 'PASSWORD'],
  ['net use z: \\\\host\\share {geheimnis} /user:bob', 'PASSWORD'],
  ['unzip -P{geheimnis} a.zip', 'PASSWORD'],
  ['gpg --passphrase {s3cr3tp4ss} -c a', 'PASSWORD'],
  ['wget --http-password={s3cr3tp4ss} h', 'PASSWORD'],
  ['*:*:*:bob:{geheimnis}', 'PASSWORD'],
];

test.each(PASSWORDS)('%s loses only its secret', (text, kind) => {
  const [, before = '', secret = '', after = ''] = /^([\s\S]*)\{(\w[^{}]+)\}([\s\S]*)$/.exec(text) ?? [];
  expect(secret).not.toBe('');
  expect(redacted(before + secret + after)).toBe(`${before}[REDACTED_${kind}]${after}`);
});

test.each(PASSWORDS)('%s changes no more once it is clean', (text) => {
  const once = redacted(text.replace(/\{(\w[^{}]+)\}/, '$1'));
  expect(redacted(once)).toBe(once);
});
