import { Chance } from '../../support/chance.ts';
import { NAMED } from './corpus-named.ts';
import { SHAPED } from './corpus-shaped.ts';
import { RandomText } from './random-text.ts';

/** A text with one secret in it, and the random pieces of the secret, of which nothing may be left. */
export interface Planted {
  readonly rule: string;
  readonly form: Form;
  readonly text: string;
  readonly pieces: readonly string[];
}

export type Form = keyof typeof FORMS;

/** What a secret is called where its kind needs no name. */
const NEUTRAL = 'setting';

interface Written {
  readonly name: string;
  readonly secret: string;
}

const FORMS = {
  prose: ({ name, secret }: Written) => `I took ${name}: ${secret} for the upload, and it worked.`,
  JSON: ({ name, secret }: Written) => JSON.stringify({ settings: { [name]: secret, retries: 3 } }, null, 2),
  env: ({ name, secret }: Written) =>
    `NODE_ENV=production\n${environmentName(name)}=${quotedForShell(secret)}\nPORT=80`,
  shell: ({ name, secret }: Written) => `cd app && export ${environmentName(name)}="${secret}" && npm start`,
  URL: ({ name, secret }: Written) => `https://api.internal/v1/things?${name}=${secret}&page=2#top`,
  YAML: ({ name, secret }: Written) => `app:\n  ${name}: ${secret}\n  retries: 3`,
  diff: ({ name, secret }: Written) => `@@ -1,2 +1,2 @@\n-const retries = 3;\n+const ${name} = '${secret}';`,
  escaped: ({ name, secret }: Written) =>
    JSON.stringify(JSON.stringify({ output: `first\n${environmentName(name)}="${secret}"\nlast` })),
} as const;

/** Kinds that are a line or an address of their own, which these forms would break or write as nobody does. */
const WITHOUT: Readonly<Record<string, readonly Form[]>> = {
  // Signs at which a value ends everywhere else.
  config_password: ['prose', 'shell', 'URL', 'diff', 'escaped'],
  docker_config_auth: ['shell', 'URL', 'YAML'],
  xml_password: ['shell', 'URL'],
  nuget_config_password: ['shell', 'URL', 'YAML'],
  aspnet_machine_key: ['shell', 'URL', 'YAML'],
  aws_signature: ['env', 'shell', 'escaped'],
  azure_account_key: ['URL'],
  okta_api_token: ['URL'],
  kubeadm_token: ['URL'],
  session_cookie: ['URL'],
  bearer_token: ['URL'],
  basic_auth: ['URL'],
  authorization_header: ['URL'],
  flag_secret: ['URL'],
  curl_user: ['URL'],
  sshpass_password: ['URL'],
  netrc_password: ['URL'],
  said_key: ['URL'],
  login_password: ['URL'],
  pgpass_password: ['URL'],
  variable_line: ['URL'],
  paired_secret: ['shell', 'URL'],
};

const environmentName = (name: string): string =>
  name.startsWith('export ') ? name : name.replace(/[^A-Za-z0-9]/g, '_').toUpperCase();

const quotedForShell = (secret: string): string => (/[\s"$&|;<>(){}]/.test(secret) ? `'${secret}'` : secret);

export const KINDS: readonly string[] = [...Object.keys(SHAPED), ...Object.keys(NAMED)];

/** One made-up secret of the kind, with its name where it needs one; the same for the same seed. */
export function sample(rule: string, seed: number): Written & { readonly pieces: readonly string[] } {
  const random = new RandomText(new Chance(seed));
  const [name, make] = NAMED[rule] ?? [NEUTRAL, SHAPED[rule]];
  if (make === undefined) throw new Error(`no sample for ${rule}`);
  return { name, secret: make(random), pieces: random.pieces };
}

/** Every kind in every form that makes sense for it, once for each seed. */
export function plantedSecrets(seeds: readonly number[]): readonly Planted[] {
  return KINDS.flatMap((rule, index) =>
    seeds.flatMap((seed) => {
      const { pieces, ...written } = sample(rule, seed * 10_007 + index);
      return forms(rule).map((form) => ({ rule, form, text: FORMS[form](written), pieces }));
    }),
  );
}

function forms(rule: string): readonly Form[] {
  const all = Object.keys(FORMS) as Form[];
  return all.filter((form) => !(WITHOUT[rule] ?? []).includes(form));
}

const SHORTEST_LEAK = 8;

/** The first piece of a secret that can still be read, or nothing. */
export function leakOf(planted: Planted, clean: string): string | undefined {
  return planted.pieces.flatMap(piecesToLookFor).find((part) => clean.includes(part));
}

function piecesToLookFor(piece: string): readonly string[] {
  if (piece.length <= SHORTEST_LEAK) return piece.length < SHORTEST_LEAK ? [] : [piece];
  return Array.from({ length: piece.length - SHORTEST_LEAK + 1 }, (_, at) => piece.slice(at, at + SHORTEST_LEAK));
}
