import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { HAS_TERMINAL, onTerminal } from '../support/pseudo-terminal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface ManifestCommand {
  readonly summary: string;
  readonly seeAlso: readonly string[];
  readonly exitStatus: Readonly<Record<string, string>>;
  readonly examples: readonly { readonly command: string }[];
  readonly flags: object;
}

const manifest = JSON.parse(readFileSync(new URL('../../oclif.manifest.json', import.meta.url), 'utf8'));
const commands = Object.entries(manifest.commands as Record<string, ManifestCommand>);
const names = commands.map(([id]) => id.replace(':', ' '));

describe.each(commands)('the help of %s', (id, { exitStatus, summary, seeAlso, examples, flags }) => {
  test('is a manual: what it does, once, with flags, examples, every exit status, and what is next to it', async () => {
    const { status, stdout } = await runCli([...id.split(':'), '--help'], { cwd: temporaryFolder() });
    expect(status).toBe(0);
    const headings = stdout.split('\n').filter((line) => /^[A-Z][A-Z ]+$/.test(line));
    expect(headings).toEqual(
      expect.arrayContaining(['USAGE', 'GLOBAL FLAGS', 'DESCRIPTION', 'EXAMPLES', 'EXIT STATUS']),
    );
    expect(headings.includes('SEE ALSO')).toBe(seeAlso.length > 0);
    expect(stdout.replace(/\s+/g, ' ').split(summary)).toHaveLength(2);
    for (const number of Object.keys(exitStatus)) expect(stdout).toMatch(new RegExp(`^  ${number} +\\w`, 'm'));
  });

  test('names commands and flags that there are', () => {
    const known = (line: string) =>
      names.some((name) => line === `agentwork ${name}` || line.startsWith(`agentwork ${name} `));
    expect(seeAlso.filter((line) => !known(line))).toEqual([]);
    const lines = examples.map(({ command }) =>
      command.replaceAll('<%= config.bin %>', 'agentwork').replaceAll('<%= command.id %>', id.replace(':', ' ')),
    );
    expect(lines.filter((line) => !known(line.replace(/^source <\(/, '')))).toEqual([]);
    const used = lines.flatMap((line) => line.match(/(?<= --)[\w-]+/g) ?? []);
    expect(used.filter((flag) => !Object.hasOwn(flags, flag))).toEqual([]);
  });
});

test('that of the program names variables and files, too', async () => {
  const { stdout } = await runCli(['--help'], { cwd: temporaryFolder() });
  for (const heading of ['COMMANDS', 'ENVIRONMENT', 'FILES', 'SEE ALSO']) expect(stdout).toContain(`\n${heading}\n`);
});

test.each([40, 60, 132])('that of a command fits %i columns behind a pager', async (columns) => {
  const env = { COLUMNS: String(columns) };
  const { stdout } = await runCli(['setup', 'recorder', '--help'], { cwd: temporaryFolder(), env });
  const lengths = stdout.split('\n').map(({ length }) => length);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(columns);
  expect(Math.max(...lengths)).toBeGreaterThan(columns - 15);
  expect(stdout.replace(/\s+/g, ' ')).toContain('agentwork setup recorder PROJECT...');
});

test.skipIf(!HAS_TERMINAL)('fits a terminal', () => {
  const { shown } = onTerminal(temporaryFolder(), 'finalize', '--help');
  const lines = shown.replace(/\u001b\[[\d;]*m/g, '').split(/\r?\n/);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});
