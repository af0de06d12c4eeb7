import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { redactedLines } from '../../src/ledger/transcript-file.ts';
import { BUILT_IN } from '../../src/session/redaction/policy.ts';
import { createRedactor } from '../../src/session/redaction/redactor.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TOKEN = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');

test.each([
  ['lines', `{"a":"${TOKEN}"}\n{"b": 1}\n`],
  ['ends of lines of Windows', `{"a":"${TOKEN}"}\r\n{"b": 1}\r\nno json ${TOKEN}\r\n`],
  ['no newline at the end', `{"b": 1}\n{"a":"${TOKEN}"}`],
  ['empty lines', `\n\n{"a":"${TOKEN}"}\n\n\n`],
  ['one line', `{"a":"${TOKEN}"}`],
  ['nothing', ''],
])('of a recording with %s nothing goes but what is secret', (_, text) => {
  const file = path.join(temporaryFolder(), 'raw.jsonl');
  writeFileSync(file, text);
  const clean = [...redactedLines(file, createRedactor(BUILT_IN))].join('');
  expect(clean).toBe(text.replaceAll(TOKEN, '[REDACTED_GITHUB_TOKEN]'));
});
