import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { findAll, RedactionPolicies } from '../../src/ledger/redaction-policy.ts';
import type { SessionFiles } from '../../src/ledger/session-facts.ts';
import type { RedactionPolicy } from '../../src/session/redaction/policy.ts';
import { createRedactor } from '../../src/session/redaction/redactor.ts';
import { temporaryFolder, writeFiles } from '../support/temporary-folder.ts';

const rules = (...lines: string[]): string => `# Rules\n\`\`\`redact\n${lines.join('\n')}\n\`\`\`\n`;
const redact = (policy: RedactionPolicy, text: string) => createRedactor(policy).text(text);

function folders() {
  const root = temporaryFolder();
  const [ledger, home, workspace] = ['ledger', 'home', 'workspace'].map((name) => path.join(root, name));
  return { root, ledger, home, workspace } as { root: string; ledger: string; home: string; workspace: string };
}

const recordedIn = (workspacePath: string, isMarkerShared = false) =>
  ({ recording: { workspacePath }, facts: { place: 'ledger', isMarkerShared } }) as unknown as SessionFiles;

const toldByHeader = (place: 'cache' | 'ledger', workspacePath: string) =>
  ({ header: { workspacePath }, facts: { place, raw: { kind: 'content' } } }) as unknown as SessionFiles;

describe('the rules of a ledger', () => {
  test('are those of the team, the workspace, the user and the environment, in this order', async () => {
    const { root, ledger, home, workspace } = folders();
    writeFiles(root, {
      'ledger/REDACT.md': rules('literal "acme one" -> [TEAM]'),
      'workspace/.sageox/REDACT.md': rules('literal "acme two" -> [WORKSPACE]', 'literal "acme one" -> [LATE]'),
      'home/.config/agentwork/REDACT.md': rules('literal "acme" -> [USER]'),
      'home/.config/sageox/REDACT.md': rules('regex "(?i)bet[a-c]{1,3}" -> [OX]'),
    });
    const policies = await RedactionPolicies.open(ledger, { HOME: home, A_TOKEN: 'gamma-gamma-gamma' });
    expect(policies.counts).toEqual({ team: 1, user: 2, environment: 1 });
    const text = 'acme one, acme two, acme three, BETAbc, gamma-gamma-gamma';
    expect(redact(await policies.of(recordedIn(workspace)), text)).toBe(
      '[TEAM], [WORKSPACE], [USER] three, [OX], [REDACTED_ENV_VALUE]',
    );
    expect(redact(policies.general, text)).toBe('[TEAM], [USER] two, [USER] three, [OX], [REDACTED_ENV_VALUE]');
  });

  test('of a workspace count only where this machine knows it', async () => {
    const { root, ledger, home, workspace } = folders();
    writeFiles(root, { 'workspace/REDACT.md': rules('literal "acme" -> [WORKSPACE]') });
    mkdirSync(ledger);
    const policies = await RedactionPolicies.open(ledger, { HOME: home });
    expect(redact(await policies.of(recordedIn(workspace)), 'acme')).toBe('[WORKSPACE]');
    expect(redact(await policies.of(recordedIn(workspace, true)), 'acme')).toBe('acme');
    expect(redact(await policies.of(toldByHeader('cache', workspace)), 'acme')).toBe('[WORKSPACE]');
    expect(redact(await policies.of(toldByHeader('ledger', workspace)), 'acme')).toBe('acme');
    expect(redact(await policies.of(recordedIn('workspace')), 'acme')).toBe('acme');
    expect(redact(await policies.of(recordedIn(path.join(root, 'gone'))), 'acme')).toBe('acme');
  });

  test('of the user are found where XDG_CONFIG_HOME says, and behind a link', async () => {
    const { root, ledger, home } = folders();
    writeFiles(root, { 'dotfiles/mine.md': rules('literal "acme" -> [USER]'), 'xdg/agentwork/x': '' });
    symlinkSync('../../dotfiles/mine.md', path.join(root, 'xdg/agentwork/REDACT.md'));
    const policies = await RedactionPolicies.open(ledger, { HOME: home, XDG_CONFIG_HOME: path.join(root, 'xdg') });
    expect(redact(policies.general, 'acme')).toBe('[USER]');
  });

  test.each([
    ['a line that is no rule', rules('literal "fine" -> [FINE]', 'nonsense'), 'REDACT.md:4: a rule is'],
    ['a pattern that is none', rules('regex "(" -> [X]'), 'REDACT.md:3: error parsing regexp: missing closing )'],
    ['a pattern that RE2 does not know', rules('regex "(?=a)b" -> [X]'), 'REDACT.md:3: '],
    [
      'a pattern that finds empty texts',
      rules('regex "a*" -> [X]'),
      'REDACT.md:3: the pattern of this rule finds empty texts',
    ],
    [
      'a pattern that would take for ever',
      rules('regex "[a-z]{600}[0-9]{600}" -> [X]'),
      'REDACT.md:3: the pattern of this',
    ],
    ['a pattern that would fill memory', rules('regex "(a{0,1000}){0,1000}" -> [X]'), 'REDACT.md:3: '],
    ['more than a megabyte', `${rules('literal "a" -> [A]')}${'x'.repeat(1024 * 1024)}`, 'larger than a megabyte'],
  ])('with %s are refused, and named', async (_, text, message) => {
    const { root, ledger, home, workspace } = folders();
    writeFiles(root, { 'ledger/REDACT.md': text, 'workspace/REDACT.md': text });
    await expect(RedactionPolicies.open(ledger, { HOME: home })).rejects.toMatchObject({
      code: 'BAD_CONFIG',
      message: expect.stringContaining(message),
    });
    const policies = await RedactionPolicies.open(path.join(root, 'none'), { HOME: home });
    await expect(policies.of(recordedIn(workspace))).rejects.toMatchObject({ code: 'BAD_CONFIG' });
  });

  test('are never read through a link that others made', async () => {
    const { root, ledger, home } = folders();
    writeFiles(root, { 'elsewhere.md': 'x', 'ledger/x': '' });
    symlinkSync('../elsewhere.md', path.join(ledger, 'REDACT.md'));
    await expect(RedactionPolicies.open(ledger, { HOME: home })).rejects.toMatchObject({ code: 'UNREADABLE' });
  });
});

describe('a pattern', () => {
  const find = (pattern: string, text: string, now?: () => number) =>
    [...findAll(RE2JS.compile(pattern), text, 'REDACT.md:3', now)].map(([start, end]) => text.slice(start, end));

  test('is found everywhere, also behind characters outside of the basic plane', () => {
    expect(find('b+', 'é😀bb abb')).toEqual(['bb', 'bb']);
  });

  test.each(['(a+)+$', '(a|aa)+c', '(.*)*x'])('%s does not run away on a hostile text', (pattern) => {
    expect(find(pattern, `${'a'.repeat(200_000)}!`)).toEqual([]);
  });

  test('that would keep a pass for ever is given up, and named', () => {
    let now = 0;
    const clock = () => {
      now += 15_000;
      return now;
    };
    expect(() => find('a', 'a a a', clock)).toThrow('REDACT.md:3: the pattern takes too long');
  });
});
