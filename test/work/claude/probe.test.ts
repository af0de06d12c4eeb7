import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ClaudeProbe, type FlagCache } from '../../../src/work/claude/probe.ts';
import { programIdentity } from '../../../src/work/claude/program.ts';
import { writeScript } from '../../support/ledger-dir.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ISOLATING = ['--tools', '--strict-mcp-config', '--setting-sources'];
const HELP = ISOLATING.map((flag) => `  ${flag} <x>  something`).join('\n');

/** A program that answers as the script says, and notes each question. */
function claude(script: string) {
  const folder = temporaryFolder();
  const notes = path.join(folder, 'asked');
  const program = writeScript(path.join(folder, 'claude'), `echo "$1" >> '${notes}'\n${script}`);
  const start = (signal = new AbortController().signal) => ({
    program,
    environment: { PATH: '/usr/bin:/bin' },
    workDir: folder,
    signal,
  });
  const asked = () => (existsSync(notes) ? readFileSync(notes, 'utf8').split('\n').filter(Boolean) : []);
  return { program, start, asked };
}

const says = (help: string, version = 'echo "2.0.1 (Claude Code)"') =>
  `if [ "$1" = --version ]; then ${version}; exit; fi\ncat <<'END'\n${help}\nEND`;

function memory(known: Record<string, readonly string[]> = {}) {
  const cache: FlagCache = {
    get: (key) => known[key],
    set: (key, flags) => {
      known[key] = flags;
    },
  };
  return { cache, known };
}

describe('the flags of a claude', () => {
  test('are asked for once by all who start together, and remembered of this very build', async () => {
    const { program, start, asked } = claude(says(HELP));
    const { cache, known } = memory();
    const probe = new ClaudeProbe(cache);
    expect(await Promise.all([probe.flags(start()), probe.flags(start())])).toEqual([ISOLATING, ISOLATING]);
    expect(await new ClaudeProbe(cache).flags(start())).toEqual(ISOLATING);
    expect(asked()).toEqual(['--help']);
    expect(known).toEqual({ [await programIdentity(program)]: ISOLATING });
  });

  test('are asked for again where what is remembered would not do', async () => {
    const { program, start, asked } = claude(says(HELP));
    const { cache } = memory({ [await programIdentity(program)]: ['--tools'] });
    expect(await new ClaudeProbe(cache).flags(start())).toEqual(ISOLATING);
    expect(asked()).toEqual(['--help']);
  });

  test('are asked for without a word', async () => {
    const { start } = claude(`[ "$(wc -c)" -eq 0 ] || exit 1\n${says(HELP)}`);
    expect(await new ClaudeProbe(undefined).flags(start())).toEqual(ISOLATING);
  });

  test('are read from the first part of what it prints', async () => {
    const { start } = claude(`${says(HELP)}\nhead -c 3000000 /dev/zero | tr '\\0' ' '\nprintf '\\n  --late\\n'`);
    expect(await new ClaudeProbe(undefined).flags(start())).toEqual(ISOLATING);
  });
});

describe('a claude is not to be used', () => {
  const use = (script: string) => new ClaudeProbe(undefined).flags(claude(script).start());

  test.each<[what: string, script: string, message: string | RegExp]>([
    ['whose help lists nothing', says('nothing'), 'claude --help lists no flags: it is too old, or another program'],
    [
      'that cannot be kept apart',
      says('  --tools <x>  y'),
      /^claude 2\.0\.1 lacks --setting-sources, --strict-mcp-config, without/,
    ],
    ['that does not tell its version', says('  --tools <x>  y', 'echo none'), /^claude of an unknown version lacks /],
    [
      'that is old',
      says('  --tools <x>  y'),
      /; 2\.1\.100 or later is recommended, 2\.0\.77 works but spends extra calls$/,
    ],
    ['that fails', 'echo broken >&2; exit 3', /^claude --help does not work, and ends with exit status 3: broken$/],
    ['that fails on stdout', 'echo broken; kill -9 $$', /^claude --help does not work, and ends by SIGKILL: broken$/],
    ['that fails without a word', 'exit 3', /^claude --help does not work, and ends with exit status 3$/],
  ])('%s', async (_, script, message) => {
    await expect(use(script)).rejects.toMatchObject({ kind: 'unsupported', message: expect.stringMatching(message) });
  });

  test('with its exit status and its words for whoever looks further', async () => {
    await expect(use('echo broken >&2; exit 3')).rejects.toMatchObject({ exitCode: 3, stderr: 'broken\n' });
  });

  test('that has gone since it was found', async () => {
    const { program, start } = claude('');
    rmSync(program);
    const gone = expect.stringMatching(/claude went away: ENOENT/);
    await expect(new ClaudeProbe(undefined).flags(start())).rejects.toMatchObject({
      kind: 'not_installed',
      message: gone,
      cause: { code: 'ENOENT' },
    });
  });
});

describe('a question that was not answered', () => {
  test('is asked again by the next run', async () => {
    const { start, asked } = claude('exit 1');
    const probe = new ClaudeProbe(undefined);
    await expect(probe.flags(start())).rejects.toMatchObject({ kind: 'unsupported' });
    await expect(probe.flags(start())).rejects.toMatchObject({ kind: 'unsupported' });
    expect(asked()).toEqual(['--help', '--help']);
  });

  test('because whoever asked was stopped is asked again for all others', async () => {
    const { start, asked } = claude(`[ "$(grep -c . "$(dirname "$0")/asked")" -eq 1 ] && exec sleep 60\n${says(HELP)}`);
    const probe = new ClaudeProbe(undefined);
    const stop = new AbortController();
    const first = probe.flags(start(stop.signal));
    const second = probe.flags(start());
    const ends = Promise.allSettled([first, second]);
    await expect.poll(() => asked().length).toBe(1);
    stop.abort();
    expect(await ends).toMatchObject([
      { status: 'rejected', reason: { kind: 'aborted', message: 'the run was stopped' } },
      { status: 'fulfilled', value: ISOLATING },
    ]);
    expect(asked()).toEqual(['--help', '--help']);
  });
});
