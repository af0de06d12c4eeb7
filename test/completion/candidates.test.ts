import { expect, test } from 'vitest';
import { listCandidates, type Manifest } from '../../src/completion/candidates.ts';

const ledger = { name: 'ledger', char: 'l', type: 'option', helpValue: 'DIR' } as const;
const MANIFEST: Manifest = {
  commands: {
    finalize: {
      summary: 'Finish them.',
      args: { session: { description: 'names of sessions' } },
      flags: {
        ledger,
        agent: { name: 'agent', type: 'option', helpValue: 'claude|offline', description: 'who\nsummarises' },
        again: { name: 'again', type: 'boolean' },
      },
    },
    detect: {
      args: { session: { description: 'names (with --explain)' } },
      flags: { ledger, explain: { name: 'explain', char: 'e', type: 'boolean' } },
    },
    cleanup: {
      args: {},
      flags: {
        redact: { name: 'redact', type: 'option', helpValue: 'SESSION', multiple: true },
        restore: { name: 'restore', type: 'option', helpValue: 'ENTRY' },
      },
    },
    completion: { args: { shell: { options: ['bash', 'fish'] } }, flags: { ledger } },
    'setup:hook': { summary: 'Each pull.', args: {}, flags: {} },
    'setup:recorder': { args: { project: {} }, flags: {} },
  },
};

function words(line: string): string[] {
  const look = (kind: string) => (kind === 'SESSION' ? ['a-1', 'a-2'] : ['old']);
  return listCandidates(line.split(' '), MANIFEST, look).map(({ word }) => word);
}

test.each([
  ['', ['finalize', 'detect', 'cleanup', 'completion', 'setup']],
  ['f', ['finalize']],
  ['--', ['--help', '--version']],
  ['setup ', ['hook', 'recorder']],
  ['setup r', ['recorder']],
  ['help s', ['setup']],
  ['help setup ', ['hook', 'recorder']],
  ['help finalize ', []],
  ['completion ', ['bash', 'fish']],
  ['completion f', ['fish']],
  ['completion bash ', ['--ledger', '--help']],
  ['frob ', []],
  ['setup frob ', []],
  ['finalize --a', ['--agent', '--again']],
  ['finalize --again --a', ['--agent']],
  ['finalize --agent ', ['claude', 'offline']],
  ['finalize --agent o', ['offline']],
  ['finalize --agent=o', ['--agent=offline']],
  ['finalize --frob=o', []],
  ['finalize --ledger ', []],
  ['finalize -l ', []],
  ['finalize ', ['a-1', 'a-2']],
  ['finalize a-1 ', ['a-2']],
  ['finalize -- --a', []],
  ['finalize -- a', ['a-1', 'a-2']],
  ['detect ', ['--ledger', '--explain', '--help']],
  ['detect --explain a-2 ', ['a-1']],
  ['detect -e ', ['a-1', 'a-2']],
  ['cleanup --redact a-1 --re', ['--redact', '--restore']],
  ['cleanup --restore ', ['old']],
  ['setup hook ', ['--help']],
  ['setup recorder ', []],
])('behind "agentwork %s" may stand %j', (line, expected) => {
  expect(words(line)).toEqual(expected);
});

test('each is told in one line', () => {
  expect(listCandidates(['finalize', '--ag'], MANIFEST, () => [])).toEqual(
    [
      { word: '--again', description: '' },
      { word: '--agent', description: 'who summarises' },
    ].reverse(),
  );
  expect(listCandidates(['setup', 'h'], MANIFEST, () => [])).toEqual([{ word: 'hook', description: 'Each pull.' }]);
});
