import { createHash } from 'node:crypto';
import { appendFileSync, chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildConfig, type Config } from '../src/config.ts';
import { detectWork } from '../src/detection.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { listTrash } from '../src/ledger/trash/trash.ts';
import { acquireLock } from '../src/lock.ts';
import { type PassEvent, runPass } from '../src/pass.ts';
import { isRedactionWhole, type RedactionOrder, type RedactionReport, runRedaction } from '../src/redact-session.ts';
import { isObject } from '../src/session/json-object.ts';
import type { InputDigest } from '../src/session/summary.ts';
import { memoryOf, readState, StateStore } from '../src/state.ts';
import { formatRedaction } from '../src/ui/redaction-text.ts';
import { MockRunner } from '../src/work/mock-runner.ts';
import { pointerTo } from './support/git-lfs.ts';
import {
  changesOf,
  pushFromElsewhere,
  runGit,
  statusOf,
  type TemporaryLedger,
  temporaryLedger,
} from './support/ledger-dir.ts';
import { loginEntries, marker, recording } from './support/sample-ledger.ts';
import { writeFiles } from './support/temporary-folder.ts';

// What is committed and holds secrets is rewritten when somebody names it, and not before.

const START = Date.parse('2026-03-06T10:00:00Z');
const NOW = START + 48 * 3_600_000;
const NAME = '2026-03-06T10-00-ryan-Ox7f3a';
const FOLDER = `sessions/${NAME}`;
const TOKEN = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');
const RULES = '```redact\nliteral "project heather" -> [TEAM]\n```\n';

const raw = (...said: readonly string[]) =>
  recording(START, 'ryan', 'Ox7f3a', [...loginEntries(START), ...said.map((content) => ({ type: 'user', content }))]);

type Order = Partial<RedactionOrder> & { readonly onPush?: () => void; readonly clock?: () => number };

const open = ({ root, environment }: TemporaryLedger) => openLedger(root, { cwd: root, environment });

async function redact(
  target: TemporaryLedger,
  { onPush, clock = () => NOW, ...order }: Order = {},
): Promise<RedactionReport> {
  const tell = ({ type }: PassEvent) => type === 'pushing' && onPush?.();
  const world = { clock, environment: target.environment, tell };
  return runRedaction(await open(target), world, {
    config: buildConfig({}, {}, ''),
    sessions: [NAME],
    isDryRun: false,
    signal: new AbortController().signal,
    ...order,
  });
}

/** A pass with an agent that must not be asked; returns how many sessions it found, and what it told. */
async function pass(
  target: TemporaryLedger,
  agent: 'offline' | 'claude' = 'offline',
  {
    base = buildConfig({}, {}, ''),
    sessions = [],
    clock = () => NOW,
  }: { readonly base?: Config; readonly sessions?: readonly string[]; readonly clock?: () => number } = {},
) {
  const runner = new MockRunner(true);
  const events: PassEvent[] = [];
  const world = {
    clock,
    environment: target.environment,
    runner,
    tell: (event: PassEvent) => events.push(event),
  };
  const config = { ...base, agent, claim: false };
  const options = { config, sessions, again: false, limit: undefined, commit: true };
  const report = await runPass(await open(target), world, options, new AbortController().signal);
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  return { detected: report.detected, asked: runner.requests.length, pushed: report.push.outcome, warnings };
}

async function detect(target: TemporaryLedger) {
  const options = { config: buildConfig({}, {}, ''), sessions: [], again: false, limit: undefined, commit: true };
  return detectWork(await open(target), { clock: () => NOW, environment: target.environment, tell: () => {} }, options);
}

/** A session that is committed, finished by a pass, and pushed. */
async function finished(...said: readonly string[]): Promise<TemporaryLedger> {
  const ledger = temporaryLedger({ [`${FOLDER}/raw.jsonl`]: raw(...said) });
  expect(await pass(ledger)).toMatchObject({ detected: 1, pushed: 'done' });
  return ledger;
}

const at = ({ root }: TemporaryLedger, name: string) => path.join(root, FOLDER, name);
const read = (ledger: TemporaryLedger, name = 'raw.jsonl') => readFileSync(at(ledger, name), 'utf8');
const json = (ledger: TemporaryLedger, name: string) => JSON.parse(read(ledger, name)) as Record<string, unknown>;
const findingsOf = ({ sessions }: RedactionReport) =>
  Object.fromEntries(sessions.flatMap(({ files }) => files).map(({ file, findings }) => [file, findings]));
const shortLog = (ledger: TemporaryLedger) => ledger.git('log', '--format=%s').split('\n');
const stateDirOf = ({ root }: TemporaryLedger) => path.join(root, '.git', 'agentwork');
const uncleanIn = (ledger: TemporaryLedger) => readState(stateDirOf(ledger)).state.unclean;
const publicHistory = ({ remote, environment }: TemporaryLedger) => runGit(remote, environment, 'log', '--all', '-p');
/** Every version of every file of the session at the tip of the remote. */
const remoteTip = ({ remote, environment }: TemporaryLedger) =>
  runGit(remote, environment, 'grep', '--text', '', 'main', '--', 'sessions');

describe('a session whose recording is committed and pushed with a token', () => {
  test('is clean afterwards, here and at the remote, and nothing else in it has changed', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    const before = read(ledger);
    const report = await redact(ledger);
    expect(read(ledger)).toBe(before.replace(TOKEN, '[REDACTED_GITHUB_TOKEN]'));
    expect(findingsOf(report)['raw.jsonl']).toEqual({ github_token: 1 });
    expect(report.push.outcome).toBe('done');
    expect(isRedactionWhole(report)).toBe(true);
    expect(remoteTip(ledger)).not.toContain(TOKEN);
    expect(statusOf(ledger)).toEqual([]);
    expect(shortLog(ledger)[0]).toBe(`redact session ${NAME}`);
    expect(ledger.git('log', '-1', '--format=%B')).not.toContain('ghp_');
    expect(report.sessions[0]?.commit).toBe(ledger.git('rev-parse', 'HEAD'));
  });

  test('keeps its originals in the trash', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    const before = read(ledger);
    const { sessions } = await redact(ledger);
    const kept = listTrash(stateDirOf(ledger)).find(({ name }) => name === `${NAME}.raw.jsonl`);
    expect(readFileSync(kept?.path ?? '', 'utf8')).toBe(before);
    expect(sessions[0]?.originals).toContain(kept?.path);
  });

  test('is told with all copies in the trash that have its secrets, those of earlier runs, too', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    const first = (await redact(ledger)).sessions[0]?.originals ?? [];
    commit(ledger, { 'raw.jsonl': raw(`again ${TOKEN}`) });
    const second = (await redact(ledger)).sessions[0]?.originals ?? [];
    expect(second).toEqual(expect.arrayContaining([...first]));
    expect(second.filter((copy) => readFileSync(copy, 'utf8').includes(TOKEN))).toHaveLength(2);
  });

  test('stays finished: a pass finds nothing to do and asks nobody', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    await redact(ledger);
    const digest = { sha256: hashOf(at(ledger, 'raw.jsonl')), bytes: Buffer.byteLength(read(ledger)) };
    expect(inputOf(json(ledger, 'summary.json'))).toMatchObject(digest);
    expect(inputOf(json(ledger, 'meta.json'))).toMatchObject(digest);
    expect((json(ledger, 'meta.json').files as Record<string, unknown>)['raw.jsonl']).toEqual({
      storage: 'git',
      size: digest.bytes,
    });
    expect(await pass(ledger, 'claude')).toEqual({ detected: 0, asked: 0, pushed: 'nothing', warnings: [] });
  });

  test('is named with the commits that still hold it', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    const [, recorded] = ledger.git('log', '--format=%H').split('\n');
    const { sessions } = await redact(ledger);
    expect(sessions[0]?.history).toEqual({
      commits: [{ commit: recorded, pushed: true, findings: { github_token: 1 } }],
      unsearched: [],
      isUnpushedKnown: true,
    });
  });

  test('is left as it is by a second run', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    await redact(ledger);
    const [head, trash] = [ledger.git('rev-parse', 'HEAD'), listTrash(stateDirOf(ledger)).length];
    const again = await redact(ledger);
    expect(again.sessions[0]).toMatchObject({ files: [], originals: [], commit: undefined });
    expect(again.sessions[0]?.history.commits).toHaveLength(1);
    expect(ledger.git('rev-parse', 'HEAD')).toBe(head);
    expect(listTrash(stateDirOf(ledger))).toHaveLength(trash);
  });

  test('is only looked at by a dry run, which names the same files', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    const head = ledger.git('rev-parse', 'HEAD');
    const planned = await redact(ledger, { isDryRun: true });
    expect(statusOf(ledger)).toEqual([]);
    expect(ledger.git('rev-parse', 'HEAD')).toBe(head);
    expect(listTrash(stateDirOf(ledger))).toEqual([]);
    const real = await redact(ledger);
    expect(findingsOf(planned)).toEqual(findingsOf(real));
  });

  test('goes to the remote on top of what others pushed meanwhile', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    pushFromElsewhere(ledger, { 'sessions/other/raw.jsonl': raw('hello') });
    expect((await redact(ledger)).push.outcome).toBe('done');
    expect(remoteTip(ledger)).not.toContain(TOKEN);
    expect(remoteTip(ledger)).toContain('sessions/other/raw.jsonl');
  });

  test('is committed and not pushed where pushing is off', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    const report = await redact(ledger, {
      config: buildConfig({ push: { flag: '--no-push', value: 'false' } }, {}, ''),
    });
    expect(report.push.outcome).toBe('off');
    expect(shortLog(ledger)[0]).toBe(`redact session ${NAME}`);
    expect(remoteTip(ledger)).toContain(TOKEN);
  });
});

const inputOf = ({ agentwork }: Record<string, unknown>) => (isObject(agentwork) ? agentwork.input : undefined);
const hashOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

describe('what is found', () => {
  test('is what the team added to its rules later, in everything that was made before', async () => {
    const ledger = await finished('this is project heather');
    expect(read(ledger, 'session.html')).toContain('project heather');
    writeFileSync(path.join(ledger.root, 'REDACT.md'), RULES);
    const report = await redact(ledger);
    const found = findingsOf(report);
    expect(Object.keys(found)).toEqual([
      'meta.json',
      'raw.jsonl',
      'session.html',
      'session.md',
      'summary.json',
      'summary.md',
    ]);
    for (const file of Object.keys(found)) expect(read(ledger, file), file).not.toContain('project heather');
    expect(found['raw.jsonl']).toEqual({ 'team:2': 1 });
    // What only lists the words is not committed with them.
    expect(statusOf(ledger)).toEqual(['?? REDACT.md']);
    expect(report.sessions[0]?.history.commits).toHaveLength(2);
  });

  test('is replaced in a page that markup has cut into pieces, by making it anew', async () => {
    const ledger = await finished(`run it with DB_PASSWORD=correct-horse-${'battery'}-9`);
    const hidden = ['correct', 'horse'].map((word) => `<b>${word}</b>`).join('-');
    commit(ledger, { 'session.html': `<!doctype html><p>${hidden}</p>` });
    await redact(ledger);
    expect(read(ledger, 'session.html')).not.toContain('horse');
    expect(read(ledger, 'session.html')).toContain('[REDACTED');
  });

  test('is replaced in a page of another program, which keeps its looks', async () => {
    const page = `<!doctype html>\r\n<h1>By ox</h1>\r\n<p>${TOKEN}</p>\r\n`;
    const summary = JSON.stringify({ title: 'Fix the login', summary: 'It was fixed.', future: [1] });
    const ledger = temporaryLedger({
      [`${FOLDER}/raw.jsonl`]: raw('hello'),
      [`${FOLDER}/session.html`]: page,
      [`${FOLDER}/summary.json`]: summary,
    });
    const report = await redact(ledger);
    expect(findingsOf(report)).toEqual({ 'session.html': { github_token: 1 } });
    expect(read(ledger, 'session.html')).toBe(page.replace(TOKEN, '[REDACTED_GITHUB_TOKEN]'));
    expect(read(ledger, 'summary.json')).toBe(summary);
    expect(changesOf(ledger)).toBe(`M ${FOLDER}/session.html`);
  });

  test.each([
    ['a file that its recorder left', 'notes.txt', `by hand: ${TOKEN}\n`, 'by hand: [REDACTED_GITHUB_TOKEN]\n'],
    ['a file of a subfolder', 'agents/one.jsonl', `{"a":"${TOKEN}"}\n`, '{"a":"[REDACTED_GITHUB_TOKEN]"}\n'],
    [
      'JSON, which stays such',
      'extra.json',
      `{\n  "a": "${TOKEN}",\n  "b": 1\n}\n`,
      '{\n  "a": "[REDACTED_GITHUB_TOKEN]",\n  "b": 1\n}\n',
    ],
    ['JSON in one line', 'extra.json', `{"a":"x ${TOKEN}"}`, '{"a":"x [REDACTED_GITHUB_TOKEN]"}'],
    ['what ought to be JSON', 'meta.json', `{"a": "${TOKEN}"`, '{"a": "[REDACTED_GITHUB_TOKEN]"'],
  ])('is replaced in %s', async (_, name, before, after) => {
    const ledger = temporaryLedger({ [`${FOLDER}/raw.jsonl`]: raw('hello'), [`${FOLDER}/${name}`]: before });
    const report = await redact(ledger);
    expect(findingsOf(report)).toEqual({ [name]: { github_token: 1 } });
    expect(read(ledger, name)).toBe(after);
  });

  test.each([
    ['ends of lines of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
    ['no newline at its end', (text: string) => text.trimEnd()],
    ['a line that is no JSON', (text: string) => text.replace('\n', `\n{"cut off": "${TOKEN}\n`)],
    ['empty lines', (text: string) => `${text.replace('\n', '\n\n')}\n`],
  ])('leaves a recording with %s as it was otherwise', async (_, change) => {
    const before = change(raw(`use ${TOKEN}`));
    const ledger = temporaryLedger({ [`${FOLDER}/raw.jsonl`]: before });
    await redact(ledger);
    expect(read(ledger)).toBe(before.replaceAll(TOKEN, '[REDACTED_GITHUB_TOKEN]'));
  });

  test('leaves a file that can be run one', async () => {
    const ledger = temporaryLedger({ [`${FOLDER}/raw.jsonl`]: raw('hello'), [`${FOLDER}/run.sh`]: `echo ${TOKEN}\n` });
    chmodSync(at(ledger, 'run.sh'), 0o755);
    ledger.git('commit', '--quiet', '--all', '--message', 'a script');
    ledger.git('push', '--quiet');
    await redact(ledger);
    expect(ledger.git('ls-files', '--stage', at(ledger, 'run.sh'))).toMatch(/^100755 /);
  });

  test('is not taken to be in a clean file that is called as what every object has', async () => {
    const files = { [`${FOLDER}/constructor`]: 'clean\n', [`${FOLDER}/notes.txt`]: TOKEN };
    const ledger = temporaryLedger({ [`${FOLDER}/raw.jsonl`]: raw('hello'), ...files });
    expect(findingsOf(await redact(ledger))).toEqual({ 'notes.txt': { github_token: 1 } });
  });

  test('is not looked for in files that no commit has', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    writeFileSync(at(ledger, 'private.txt'), TOKEN);
    await redact(ledger);
    expect(read(ledger, 'private.txt')).toBe(TOKEN);
    expect(statusOf(ledger)).toEqual([`?? ${FOLDER}/private.txt`]);
  });
});

/** Somebody commits these files of the session, and pushes. */
function commit(ledger: TemporaryLedger, files: Readonly<Record<string, string>>, isPushed = true): void {
  writeFiles(path.join(ledger.root, FOLDER), files);
  ledger.git('add', '--all');
  ledger.git('commit', '--quiet', '--message', 'by hand');
  if (isPushed) ledger.git('push', '--quiet');
}

describe('who commits', () => {
  const nobody = (ledger: TemporaryLedger) => {
    ledger.git('config', '--unset', 'user.name');
    return ledger;
  };

  test('has to be known before the first file is written', async () => {
    const ledger = nobody(await finished(`use ${TOKEN}`));
    await expect(redact(ledger)).rejects.toMatchObject({ code: 'NO_IDENTITY' });
    expect([read(ledger).includes(TOKEN), statusOf(ledger)]).toEqual([true, []]);
    expect(findingsOf(await redact(ledger, { isDryRun: true }))['raw.jsonl']).toEqual({ github_token: 1 });
  });

  test('need not be known where nothing is to be committed', async () => {
    const ledger = nobody(await finished('hello'));
    expect((await redact(ledger)).sessions[0]).toMatchObject({ files: [], commit: undefined });
  });
});

describe('what history holds', () => {
  test('is named where only an older commit holds it', async () => {
    const ledger = temporaryLedger({ [`${FOLDER}/raw.jsonl`]: raw(`use ${TOKEN}`) });
    const older = ledger.git('rev-parse', 'HEAD');
    commit(ledger, { 'raw.jsonl': raw('use nothing') });
    const report = await redact(ledger);
    expect(report.sessions[0]).toMatchObject({ files: [], commit: undefined });
    expect(report.sessions[0]?.history.commits).toEqual([
      { commit: older, pushed: true, findings: { github_token: 1 } },
    ]);
    expect(isRedactionWhole(report)).toBe(true);
  });

  test('is named where the file is gone since', async () => {
    const ledger = temporaryLedger({ [`${FOLDER}/raw.jsonl`]: raw('hello'), [`${FOLDER}/notes.txt`]: TOKEN });
    rmSync(at(ledger, 'notes.txt'));
    commit(ledger, {});
    expect((await redact(ledger)).sessions[0]?.history.commits).toHaveLength(1);
  });

  test.each([
    ['it may push', {}, { kind: 'secret' }],
    ['pushing is off', { config: buildConfig({ push: { flag: '--no-push', value: 'false' } }, {}, '') }, 'off'],
  ])(
    'is not published where only this clone has it and %s: neither now nor by the next pass',
    async (_, order, outcome) => {
      const ledger = temporaryLedger({ 'README.md': 'a ledger\n' });
      commit(ledger, { 'raw.jsonl': raw(`use ${TOKEN}`) }, false);
      const report = await redact(ledger, order);
      expect(report.sessions[0]?.history.commits).toEqual([
        { commit: ledger.git('rev-parse', 'HEAD~1'), pushed: false, findings: { github_token: 1 } },
      ]);
      if (typeof outcome === 'string') expect(report.push.outcome).toBe(outcome);
      else expect(report.push.outcome).toMatchObject(outcome);
      expect(isRedactionWhole(report)).toBe(outcome === 'off');
      await pass(ledger);
      expect(publicHistory(ledger)).not.toContain(TOKEN);

      // Its author takes the commits out, and says so by asking again.
      ledger.git('reset', '--quiet', '--soft', 'origin/main');
      ledger.git('commit', '--quiet', '--message', 'record it clean');
      expect((await redact(ledger)).sessions[0]?.history.commits).toEqual([]);
      expect(uncleanIn(ledger)).toEqual([]);
    },
  );

  describe('where only this clone has it', () => {
    /** It is committed by hand, and redacted. */
    async function unclean(): Promise<TemporaryLedger> {
      const ledger = temporaryLedger({ 'README.md': 'a ledger\n' });
      commit(ledger, { 'raw.jsonl': raw(`use ${TOKEN}`) }, false);
      await redact(ledger);
      return ledger;
    }

    test.each([
      ['the next day', { clock: () => NOW + 25 * 3_600_000 }],
      ['a year later', { clock: () => NOW + 365 * 24 * 3_600_000 }],
      ['for who names it', { sessions: [NAME] }],
      ['for who names it, the next day', { sessions: [NAME], clock: () => NOW + 25 * 3_600_000 }],
    ])('is published by no pass, and each says so: %s', async (_, options) => {
      const ledger = await unclean();
      await pass(ledger, 'offline', options);
      const { warnings } = await pass(ledger, 'offline', options);
      expect(publicHistory(ledger)).not.toContain(TOKEN);
      expect(warnings).toContainEqual(
        `${NAME} is not pushed: commits that no remote has yet still hold secrets of it; git rebase --interactive takes them out, and then a pass pushes it`,
      );
    });

    test('is not published either where its session is only below others, all by hand', async () => {
      const ledger = await unclean();
      ledger.git('reset', '--quiet', '--mixed', 'HEAD~1');
      ledger.git('commit', '--quiet', '--all', '--message', 'clean by hand');
      const other = '2026-03-06T11-00-ryan-Ox8b1c';
      writeFiles(ledger.root, { [`sessions/${other}/raw.jsonl`]: raw('hello') });
      expect((await pass(ledger, 'offline', { sessions: [other] })).detected).toBe(1);
      expect(publicHistory(ledger)).not.toContain(TOKEN);
      expect(remoteTip(ledger)).toContain('Ox8b1c/summary.json');
    });

    test('is not published where the branch follows none, and git would push all of it', async () => {
      const ledger = await unclean();
      ledger.git('branch', '--unset-upstream');
      ledger.git('config', 'push.default', 'current');
      expect((await pass(ledger)).pushed).toMatchObject({ kind: 'secret' });
      expect(publicHistory(ledger)).not.toContain(TOKEN);
    });

    test('is finished here all the same, and named for what it is', async () => {
      const ledger = await unclean();
      expect(await pass(ledger)).toMatchObject({ detected: 1 });
      const [found] = (await detect(ledger)).all;
      expect(found?.verdict).toMatchObject({ verdict: 'unpushed', rule: 'unclean' });
    });

    test('is searched again, and goes with the very pass that finds it clean, whatever other branches hold', async () => {
      const ledger = await unclean();
      await pass(ledger);
      ledger.git('branch', 'backup');
      const own = ledger.git('log', '-1', '--format=%B');
      ledger.git('reset', '--quiet', '--soft', 'origin/main');
      ledger.git('commit', '--quiet', '--message', own);
      expect(await pass(ledger)).toMatchObject({ pushed: 'done', warnings: [] });
      expect(remoteTip(ledger)).toContain(`${NAME}/summary.json`);
      expect(publicHistory(ledger)).not.toContain(TOKEN);
      expect(uncleanIn(ledger)).toEqual([]);
    });

    test('is forgotten where its commits are gone altogether', async () => {
      const ledger = await unclean();
      ledger.git('reset', '--quiet', '--hard', 'origin/main');
      await pass(ledger);
      expect(uncleanIn(ledger)).toEqual([]);
    });
  });

  test('is named as not looked into where its content is elsewhere', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0a'.repeat(32)}\nsize 12345\n`;
    const ledger = temporaryLedger({ [`${FOLDER}/raw.jsonl`]: pointer, [`${FOLDER}/notes.txt`]: TOKEN });
    const report = await redact(ledger);
    const [session] = report.sessions;
    expect(session?.unsearched).toEqual({ 'raw.jsonl': expect.stringContaining('Git LFS pointer') });
    expect(session?.history.unsearched).toEqual([expect.stringContaining('in Git LFS, and not here')]);
    expect(read(ledger)).toBe(pointer);
    expect(read(ledger, 'notes.txt')).toBe('[REDACTED_GITHUB_TOKEN]');
    expect(isRedactionWhole(report)).toBe(false);
  });
});

describe('what only this clone has', () => {
  test('and could not be searched is not pushed', async () => {
    const ledger = temporaryLedger({ 'README.md': 'a ledger\n' });
    for (const text of [pointerTo('not here'), raw('no secret')]) {
      writeFiles(ledger.root, { [`${FOLDER}/raw.jsonl`]: text });
      ledger.git('add', '--all');
      ledger.git('commit', '--quiet', '--message', 'record it');
    }
    const pushed = runGit(ledger.remote, ledger.environment, 'rev-parse', 'main');
    const report = await redact(ledger);
    expect(report.push.outcome).toMatchObject({ refused: expect.stringContaining('could not be searched') });
    const { warnings } = await pass(ledger);
    expect(warnings).toMatchObject([expect.stringContaining('could not be searched')]);
    expect(runGit(ledger.remote, ledger.environment, 'rev-parse', 'main')).toBe(pushed);
  });

  test('is named as not pushed by every run where the branch follows none', async () => {
    const ledger = temporaryLedger({ [`${FOLDER}/raw.jsonl`]: raw(TOKEN) });
    ledger.git('branch', '--unset-upstream');
    for (const _ of ['first', 'second']) {
      expect((await redact(ledger)).push.outcome).toMatchObject({ kind: 'no_upstream' });
    }
  });
});

describe('a session that is not to be touched', () => {
  test.each([
    ['recorded', { '.recording.json': marker(NOW, 'Ox7f3a', process.pid) }, 'STILL_RECORDED', /is still recorded/],
    [
      'a draft',
      { 'meta.json': '{"draft": true}', '.recording.json': marker(NOW, 'Ox7f3a', process.pid) },
      'STILL_RECORDED',
      /./,
    ],
  ])('because it is %s is refused', async (_, files, code, message) => {
    const ledger = temporaryLedger({ '.gitignore': '.recording.json\n', [`${FOLDER}/raw.jsonl`]: raw(TOKEN) });
    writeFiles(path.join(ledger.root, FOLDER), files);
    await expect(redact(ledger)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(read(ledger)).toContain(TOKEN);
  });

  test.each([
    ['on disk', (ledger: TemporaryLedger) => writeFileSync(at(ledger, 'raw.jsonl'), raw(TOKEN, 'more'))],
    [
      'in the index',
      (ledger: TemporaryLedger) => {
        const before = read(ledger);
        writeFileSync(at(ledger, 'raw.jsonl'), raw(TOKEN, 'more'));
        ledger.git('add', '--all');
        writeFileSync(at(ledger, 'raw.jsonl'), before);
      },
    ],
  ])('because somebody has changed it %s is refused, and nothing of the change is lost', async (_, change) => {
    const ledger = await finished(`use ${TOKEN}`);
    change(ledger);
    const [before, status] = [read(ledger), statusOf(ledger)];
    await expect(redact(ledger)).rejects.toMatchObject({
      code: 'LEDGER_BUSY',
      message: `${FOLDER}/raw.jsonl has changes that no commit holds`,
    });
    expect([read(ledger), statusOf(ledger)]).toEqual([before, status]);
  });

  test('because others have changed it at the remote is refused', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    pushFromElsewhere(ledger, { [`${FOLDER}/raw.jsonl`]: raw(`use ${TOKEN}`, 'and more') });
    await expect(redact(ledger)).rejects.toMatchObject({
      code: 'LEDGER_BUSY',
      message: `origin/main has newer files of ${NAME}`,
    });
    expect(read(ledger)).toContain(TOKEN);
  });

  test('because others change it between the last look and the push is named as not done', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    const others = () => pushFromElsewhere(ledger, { [`${FOLDER}/raw.jsonl`]: raw(`use ${TOKEN}`, 'and more') });
    const report = await redact(ledger, { onPush: others });
    expect(report.push.superseded).toEqual([NAME]);
    expect(isRedactionWhole(report)).toBe(false);
    expect(formatRedaction(report)).toContain(`overtaken ${NAME}: others changed it at the same time`);
  });

  test('because a recorder writes to it meanwhile is left to that', async () => {
    const ledger = temporaryLedger({ [`${FOLDER}/raw.jsonl`]: raw(TOKEN) });
    const more = '{"type":"user","content":"one more thing"}\n';
    let hasWritten = false;
    const clock = () => {
      const isBegun = readState(stateDirOf(ledger)).state.journal.includes(NAME);
      if (isBegun && !hasWritten) appendFileSync(at(ledger, 'raw.jsonl'), more);
      hasWritten ||= isBegun;
      return NOW;
    };
    await expect(redact(ledger, { clock })).rejects.toMatchObject({ code: 'STILL_RECORDED' });
    expect(read(ledger)).toBe(raw(TOKEN) + more);
  });

  test('keeps none of the others, named before it or after: they are redacted and pushed, and it is named', async () => {
    const names = ['a', NAME, 'z'];
    const ledger = temporaryLedger(Object.fromEntries(names.map((name) => [`sessions/${name}/raw.jsonl`, raw(TOKEN)])));
    let hasWritten = false;
    const clock = () => {
      const isBegun = readState(stateDirOf(ledger)).state.journal.includes(NAME);
      if (isBegun && !hasWritten) appendFileSync(at(ledger, 'raw.jsonl'), '{"type":"user","content":"more"}\n');
      hasWritten ||= isBegun;
      return NOW;
    };
    const report = await redact(ledger, { clock, sessions: names });
    expect(report.sessions.map(({ session }) => session)).toEqual(['a', 'z']);
    expect(report.failed).toEqual([{ session: NAME, error: expect.stringContaining('was written to meanwhile') }]);
    expect([report.push.outcome, isRedactionWhole(report)]).toEqual(['done', false]);
    expect(formatRedaction(report)).toContain(`failed ${NAME}: `);
    const leaky = runGit(ledger.remote, ledger.environment, 'grep', '--text', '-l', TOKEN, 'main', '--', 'sessions');
    expect(leaky).toBe(`main:${FOLDER}/raw.jsonl`);
  });

  test('because a merge is under way is refused', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    writeFileSync(path.join(ledger.root, '.git', 'MERGE_HEAD'), `${ledger.git('rev-parse', 'HEAD')}\n`);
    await expect(redact(ledger)).rejects.toMatchObject({ code: 'LEDGER_BUSY' });
  });

  test('because a pass runs is refused', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    const lock = acquireLock(stateDirOf(ledger), 'finalize', () => NOW);
    await expect(redact(ledger)).rejects.toMatchObject({ code: 'LEDGER_LOCKED' });
    lock.release();
  });

  test.each([['nobody'], ['..'], ['../..'], ['a/b'], [''], ['.git']])(
    'because there is no session %j is refused',
    async (name) => {
      const ledger = await finished(`use ${TOKEN}`);
      await expect(redact(ledger, { sessions: [NAME, name] })).rejects.toMatchObject({ code: 'UNKNOWN_SESSION' });
      expect(read(ledger)).toContain(TOKEN);
    },
  );

  test('because a rule of the team would make other entries of its lines is refused', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    writeFileSync(path.join(ledger.root, 'REDACT.md'), RULES.replace('project heather', 'header'));
    const before = read(ledger);
    await expect(redact(ledger)).rejects.toMatchObject({ code: 'REDACTION_FAILED' });
    expect(read(ledger)).toBe(before);
    expect(statusOf(ledger)).toEqual(['?? REDACT.md']);
  });

  test('because it lies in a cache, or no commit holds it, is left alone', async () => {
    const cached = '2026-03-06T11-00-ryan-Ox8b1c';
    const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n' });
    writeFiles(ledger.root, {
      [`.sageox/cache/sessions/${cached}/raw.jsonl`]: raw(TOKEN),
      [`${FOLDER}/raw.jsonl`]: raw(TOKEN),
    });
    const report = await redact(ledger, { sessions: [NAME, cached] });
    expect(report.sessions.map(({ session, left }) => [session, left])).toEqual([
      [NAME, 'untracked'],
      [cached, 'cached'],
    ]);
    expect(read(ledger)).toContain(TOKEN);
  });

  test('unless its author only asks that nobody finishes it: what of it is committed is public already', async () => {
    const ledger = temporaryLedger({ [`${FOLDER}/raw.jsonl`]: raw(TOKEN), [`${FOLDER}/.held`]: '' });
    expect((await redact(ledger)).push.outcome).toBe('done');
    expect(read(ledger) + remoteTip(ledger)).not.toContain(TOKEN);
    expect(existsSync(at(ledger, '.held'))).toBe(true);
  });

  test('because its author asks for it is refused where what is not public would go along', async () => {
    const ledger = temporaryLedger({ [`${FOLDER}/raw.jsonl`]: raw(TOKEN) });
    const config = { ...buildConfig({}, {}, ''), push: false };
    await pass(ledger, 'offline', { base: config });
    writeFiles(ledger.root, { [`${FOLDER}/.held`]: '' });
    await expect(redact(ledger)).rejects.toThrow(`${NAME} is held, and has commits that would be published with this`);
    expect([read(ledger), statusOf(ledger)]).toEqual([raw(TOKEN), [`?? ${FOLDER}/.held`]]);
    rmSync(at(ledger, '.held'));
    expect((await redact(ledger)).push.outcome).toBe('done');
    expect(remoteTip(ledger)).not.toContain(TOKEN);
  });
});

describe('a session that is held, and whose redaction was not pushed', () => {
  const noPush = { config: buildConfig({ push: { flag: '--no-push', value: 'false' } }, {}, '') };
  const held = (more: Readonly<Record<string, string>> = {}) =>
    temporaryLedger({ [`${FOLDER}/raw.jsonl`]: raw(TOKEN), [`${FOLDER}/.held`]: '', ...more });

  test('loses its secrets at the remote by the next pass: nothing new of it is published', async () => {
    const ledger = held();
    await redact(ledger, noPush);
    expect((await pass(ledger)).pushed).toBe('done');
    expect(remoteTip(ledger)).not.toContain(TOKEN);
    expect([shortLog(ledger)[0], statusOf(ledger)]).toEqual([`redact session ${NAME}`, []]);
  });

  test.each([
    ['another commit of it waits, too', 'finalize', 'raw.jsonl'],
    ['the same words are said of a file that the remote has not', 'redact', 'notes.txt'],
  ])('is held back where %s', async (_, verb, name) => {
    const ledger = held();
    await redact(ledger, noPush);
    writeFileSync(at(ledger, name), raw('and more'));
    ledger.git('add', '--all');
    ledger.git('commit', '--quiet', '--message', `${verb} session ${NAME}\n\nFinalized-by: agentwork`);
    await pass(ledger);
    expect(remoteTip(ledger)).not.toContain('and more');
  });

  test('is not said to be clean where only the disk is, and HEAD is not', async () => {
    const ledger = held();
    writeFileSync(at(ledger, 'raw.jsonl'), raw('[REDACTED_GITHUB_TOKEN]'));
    await expect(redact(ledger)).rejects.toMatchObject({
      code: 'LEDGER_BUSY',
      message: `${FOLDER}/raw.jsonl has changes that no commit holds`,
    });
  });

  test('is searched as it is where changes have nothing to do with it', async () => {
    const ledger = held({ [`${FOLDER}/notes.txt`]: 'hello\n' });
    writeFileSync(at(ledger, 'notes.txt'), 'mine\n');
    expect(findingsOf(await redact(ledger))).toEqual({ 'raw.jsonl': { github_token: 1 } });
    expect(statusOf(ledger)).toEqual([` M ${FOLDER}/notes.txt`]);
  });
});

describe('what is remembered of a session', () => {
  test('is remembered of the clean one, so that nobody is paid again', async () => {
    const ledger = await finished(`use ${TOKEN}`);
    const { store } = await StateStore.open(stateDirOf(ledger));
    const input = inputOf(json(ledger, 'summary.json')) as InputDigest;
    const stamp = { path: path.join(ledger.root, FOLDER), bytes: input.bytes, sha256: input.sha256 };
    store.remember(NAME, { verdict: 'given_up', reason: 'no', attempts: 3, recording: stamp, upgraded: input.sha256 });
    const answer = { session: NAME, inputs: [input.sha256], entries: input.entries, output: '{}' };
    const others = [
      { ...answer, session: 'another' },
      { ...answer, inputs: ['of more entries'], entries: input.entries + 1 },
    ];
    for (const each of [answer, ...others]) store.keepAnswer(each);
    await store.save();
    await redact(ledger);
    const { state } = readState(stateDirOf(ledger));
    const memory = memoryOf(state, NAME);
    const now = { bytes: Buffer.byteLength(read(ledger)), sha256: hashOf(at(ledger, 'raw.jsonl')) };
    expect(now.bytes).not.toBe(input.bytes);
    expect(memory).toEqual({
      verdict: 'given_up',
      reason: 'no',
      attempts: 3,
      recording: { ...stamp, ...now },
      upgraded: now.sha256,
    });
    expect(state.answers).toEqual([...others, { ...answer, inputs: [input.sha256, now.sha256] }]);
  });
});
