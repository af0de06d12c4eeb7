import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type AgentFolders, agentFoldersIn, findTranscript } from '../../../src/ledger/recovery/agent-transcripts.ts';
import { defined } from '../../../src/session/json-object.ts';
import type { Recording } from '../../../src/session/recording.ts';
import { temporaryFolder, writeFiles } from '../../support/temporary-folder.ts';

const START = Date.parse('2026-03-06T10:00:00Z');
const MINUTE = 60_000;
const ID = '5f0c7a54-27d5-4f5e-9a53-1d1f4a7a9c11';
const OTHER_ID = '00000000-27d5-4f5e-9a53-1d1f4a7a9c11';
const WORKSPACE = '/home/dev/my_shop.io';
const OWN = 'projects/-home-dev-my-shop-io';
const SPEAKS = '{"type":"user","message":{"content":"I am agent Ox7f3a"}}\n';
const SILENT = '{"type":"user","message":{"content":"hello"}}\n';

/** What a marker tells that names no file: its agent and where it worked. */
const RECORDING: Recording = { agentId: 'Ox7f3a', startedAtMs: START, workspacePath: WORKSPACE };

interface Machine {
  readonly root: string;
  readonly folders: AgentFolders;
}

/** The agents' folders of a machine; every file changed an hour after the recording began, unless `times` says when. */
function machine(files: Readonly<Record<string, string>>, times: Readonly<Record<string, number>> = {}): Machine {
  const root = temporaryFolder();
  writeFiles(root, files);
  for (const name of Object.keys(files)) {
    const seconds = (times[name] ?? START + 60 * MINUTE) / 1000;
    utimesSync(path.join(root, name), seconds, seconds);
  }
  return { root, folders: { claudeProjects: path.join(root, 'projects'), codexSessions: path.join(root, 'sessions') } };
}

/** The file that is found, relative to the machine, and by what; otherwise the kind of what is there. */
function found({ root, folders }: Machine, recording: Recording): readonly string[] {
  const transcript = findTranscript(recording, folders);
  if (transcript.kind !== 'there') return [transcript.kind];
  const { size, mtimeMs } = statSync(transcript.path);
  expect(transcript).toMatchObject({ bytes: size, changedAtMs: mtimeMs });
  return [transcript.foundBy, path.relative(root, transcript.path)];
}

describe('the file that the marker names', () => {
  const named = 'elsewhere/any-name.jsonl';
  const all = { [named]: SILENT, [`${OWN}/${ID}.jsonl`]: SILENT, [`${OWN}/a.jsonl`]: SPEAKS };

  test('comes before every other', () => {
    const here = machine(all);
    const recording = { ...RECORDING, agentSessionId: ID, sessionFile: path.join(here.root, named) };
    expect(found(here, recording)).toEqual(['marker', named]);
  });

  test('is found on a machine of which nothing else is known', () => {
    const here = machine(all);
    const sessionFile = path.join(here.root, named);
    expect(findTranscript({ ...RECORDING, sessionFile }, undefined)).toMatchObject({
      kind: 'there',
      path: sessionFile,
    });
    expect(findTranscript({ ...RECORDING, agentSessionId: ID }, undefined)).toEqual({ kind: 'none' });
  });

  test('need not be newer than the recording', () => {
    const here = machine(all, { [named]: START - 99 * MINUTE });
    expect(found(here, { ...RECORDING, sessionFile: path.join(here.root, named) })).toEqual(['marker', named]);
  });

  test.each<[string, string]>([
    ['gone', '/nowhere/x.jsonl'],
    ['relative', named],
    ['no path', '/a\u0000b'],
  ])('gives way to the others when it is %s', (_, sessionFile) => {
    const here = machine(all);
    expect(found(here, { ...RECORDING, sessionFile, agentSessionId: ID })).toEqual([
      'session_id',
      `${OWN}/${ID}.jsonl`,
    ]);
    expect(found(here, { ...RECORDING, sessionFile })).toEqual(['agent_id', `${OWN}/a.jsonl`]);
  });

  test('gives way when it is empty', () => {
    const here = machine({ ...all, [named]: '' });
    expect(found(here, { ...RECORDING, sessionFile: path.join(here.root, named) })).toEqual([
      'agent_id',
      `${OWN}/a.jsonl`,
    ]);
  });

  test.each<[string, (root: string) => string]>([
    ['a folder', (root) => root],
    ['a link', (root) => linkTo(path.join(root, named), path.join(root, 'link'))],
    ['a pipe', (root) => makePipe(path.join(root, 'pipe'))],
    ['a device', () => '/dev/zero'],
    ['called like no transcript', () => '/etc/passwd'],
  ])('is unclear, and no other is taken, when it is %s', (_, make) => {
    const here = machine(all);
    expect(found(here, { ...RECORDING, sessionFile: make(here.root), agentSessionId: ID })).toEqual(['unclear']);
  });

  const isRoot = process.getuid?.() === 0;
  if (isRoot) console.warn('a locked folder is not tested: root, who runs this, may look anywhere');
  test.skipIf(isRoot)('is unclear when it may not be looked at', () => {
    const here = machine(all);
    const folder = path.join(here.root, 'elsewhere');
    chmodSync(folder, 0o000);
    const kind = found(here, { ...RECORDING, sessionFile: path.join(here.root, named), agentSessionId: ID });
    chmodSync(folder, 0o700);
    expect(kind).toEqual(['unclear']);
  });
});

describe('a link in the folders of the agents', () => {
  const outside = { [`private/-home-dev-my-shop-io/${ID}.jsonl`]: SPEAKS };

  test.each<[string, Partial<Recording>]>([
    ['by its session id', { agentSessionId: ID }],
    ['by its agent id', {}],
    ['by the marker', { sessionFile: `${OWN}/${ID}.jsonl` }],
  ])('leads nowhere, and nothing behind it is taken %s', (_, known) => {
    const here = machine({ 'projects/.keep': '', ...outside });
    symlinkSync(path.join(here.root, 'private/-home-dev-my-shop-io'), path.join(here.root, OWN));
    const named = known.sessionFile === undefined ? {} : { sessionFile: path.join(here.root, known.sessionFile) };
    expect(found(here, { ...RECORDING, ...known, ...named })).not.toContain('there');
    expect(found(here, { ...RECORDING, ...known, ...named })).toHaveLength(1);
  });

  test('is their owner’s choice where it stands for the folder of all', () => {
    const here = machine(outside);
    symlinkSync(path.join(here.root, 'private'), path.join(here.root, 'projects'));
    expect(found(here, { ...RECORDING, agentSessionId: ID })).toEqual(['session_id', `${OWN}/${ID}.jsonl`]);
  });
});

describe("the file that bears the agent's own session id", () => {
  const recording = { ...RECORDING, agentSessionId: ID };
  const rollout = (day: string, id: string) => `sessions/${day}/rollout-2026-03-06T10-00-00-${id}.jsonl`;

  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      'comes before one that speaks of the agent, and needs not speak of it',
      { [`${OWN}/${ID}.jsonl`]: SILENT, [`${OWN}/a.jsonl`]: SPEAKS },
      ['session_id', `${OWN}/${ID}.jsonl`],
    ],
    [
      'is taken from the folder of another workspace: it is that very session',
      { [`projects/-moved/${ID}.jsonl`]: SILENT },
      ['session_id', `projects/-moved/${ID}.jsonl`],
    ],
    [
      "comes first from the workspace's own folder",
      { [`projects/-a/${ID}.jsonl`]: SILENT, [`${OWN}/${ID}.jsonl`]: SILENT },
      ['session_id', `${OWN}/${ID}.jsonl`],
    ],
    ['is that of Codex', { [rollout('2026/03/06', ID)]: SILENT }, ['session_id', rollout('2026/03/06', ID)]],
    [
      'is that of Codex on the day that the clock on the wall told',
      { [rollout('2026/03/07', ID)]: SILENT },
      ['session_id', rollout('2026/03/07', ID)],
    ],
    [
      'is that of Codex on whatever day, as a resumed session began long ago',
      { [rollout('2025/11/09', ID)]: SILENT },
      ['session_id', rollout('2025/11/09', ID)],
    ],
    ['has the whole id', { [`${OWN}/x${ID}.jsonl`]: SILENT, [`${OWN}/${ID}.jsonl.bak`]: SILENT }, ['none']],
    ['has no other id, be it the newest file', { [`${OWN}/${OTHER_ID}.jsonl`]: SILENT }, ['none']],
    ['has something in it', { [`${OWN}/${ID}.jsonl`]: '' }, ['none']],
    ['is missing, and another one speaks of the agent', { [`${OWN}/a.jsonl`]: SPEAKS }, ['agent_id', `${OWN}/a.jsonl`]],
  ])('%s', (_, files, expected) => {
    expect(found(machine(files), recording)).toEqual(expected);
  });

  test.each(['../../secret', `../-other/${ID}`, '/etc/passwd', '..', '*', 'short', 'a\u0000bcdefgh', 'x'.repeat(129)])(
    'is not looked for when the id is %j',
    (agentSessionId) => {
      const here = machine({
        'secret.jsonl': SILENT,
        [`projects/-other/${ID}.jsonl`]: SILENT,
        [`${OWN}/..jsonl`]: SILENT,
        [`${OWN}/short.jsonl`]: SILENT,
      });
      expect(found(here, { ...RECORDING, agentSessionId })).toEqual(['none']);
    },
  );

  test('is unclear when it is a link', () => {
    const here = machine({ 'elsewhere/a.jsonl': SILENT });
    mkdirSync(path.join(here.root, OWN), { recursive: true });
    linkTo(path.join(here.root, 'elsewhere/a.jsonl'), path.join(here.root, OWN, `${ID}.jsonl`));
    expect(found(here, recording)).toEqual(['unclear']);
  });
});

describe("the one file in the workspace's own folder that speaks of the agent", () => {
  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      'is found among others',
      { [`${OWN}/a.jsonl`]: SILENT, [`${OWN}/b.jsonl`]: SPEAKS },
      ['agent_id', `${OWN}/b.jsonl`],
    ],
    [
      'is none of two: one of them is another session',
      { [`${OWN}/a.jsonl`]: SPEAKS, [`${OWN}/b.jsonl`]: SPEAKS },
      ['none'],
    ],
    ['is not merely the newest', { [`${OWN}/a.jsonl`]: SILENT }, ['none']],
    ['is in no other workspace', { 'projects/-home-dev-bank/a.jsonl': SPEAKS }, ['none']],
    ['is a transcript', { [`${OWN}/notes.txt`]: SPEAKS }, ['none']],
    ['is not below it', { [`${OWN}/deeper/a.jsonl`]: SPEAKS }, ['none']],
  ])('%s', (_, files, expected) => {
    expect(found(machine(files), RECORDING)).toEqual(expected);
  });

  test('may have a name that is cut, with a hash behind it', () => {
    const workspacePath = `/home/dev/${'deep/'.repeat(50)}shop`;
    const cut = workspacePath.replace(/[^A-Za-z0-9]/g, '-').slice(0, 200);
    const files = { [`projects/${cut}-1a2b3c/a.jsonl`]: SPEAKS, [`projects/${cut}/b.jsonl`]: SPEAKS };
    expect(found(machine(files), { ...RECORDING, workspacePath })).toEqual([
      'agent_id',
      `projects/${cut}-1a2b3c/a.jsonl`,
    ]);
  });

  test.each<[number, string]>([
    [-6, 'none'],
    [-4, 'agent_id'],
    [0, 'agent_id'],
    [99, 'agent_id'],
  ])('that changed last %i minutes after the start of the recording: %s', (minutes, expected) => {
    const name = `${OWN}/a.jsonl`;
    expect(found(machine({ [name]: SPEAKS }, { [name]: START + minutes * MINUTE }), RECORDING)[0]).toBe(expected);
  });

  test('is not one of two because the other ended before the recording began', () => {
    const old = `${OWN}/old.jsonl`;
    const here = machine({ [old]: SPEAKS, [`${OWN}/a.jsonl`]: SPEAKS }, { [old]: START - 60 * MINUTE });
    expect(found(here, RECORDING)).toEqual(['agent_id', `${OWN}/a.jsonl`]);
  });

  test.each<[string, { [Key in keyof Recording]?: Recording[Key] | undefined }]>([
    ['no agent id', { agentId: undefined }],
    ['an agent id that stands in any text', { agentId: 'I' }],
    ['no start', { startedAtMs: undefined }],
    ['no workspace', { workspacePath: undefined }],
    ['a relative workspace', { workspacePath: 'home/dev/my_shop.io' }],
    ['a workspace that leads out', { workspacePath: '/..' }],
  ])('is not looked for with %s', (_, lacking) => {
    const here = machine({ [`${OWN}/a.jsonl`]: SPEAKS, 'projects/a.jsonl': SPEAKS, 'a.jsonl': SPEAKS });
    expect(found(here, defined({ ...RECORDING, ...lacking }))).toEqual(['none']);
  });

  test.each([
    ['today', '-home-dev-my-shop--v1-2'],
    ['not long ago', '-home-dev-my-shop -v1-2'],
    ['at first', '-home-dev-my-shop -v1.2'],
  ])('is found under the name that its folder got %s: %s', (_, folder) => {
    const here = machine({ [`projects/${folder}/a.jsonl`]: SPEAKS });
    expect(found(here, { ...RECORDING, workspacePath: '/home/dev/my_shop _v1.2' })[0]).toBe('agent_id');
  });
});

describe('the folders of the agents', () => {
  test.each<[NodeJS.ProcessEnv, AgentFolders]>([
    [{ HOME: '/h' }, { claudeProjects: '/h/.claude/projects', codexSessions: '/h/.codex/sessions' }],
    [
      { HOME: '/h', CLAUDE_CONFIG_DIR: '/c', CODEX_HOME: '/x' },
      { claudeProjects: '/c/projects', codexSessions: '/x/sessions' },
    ],
    [
      { HOME: '/h', CLAUDE_CONFIG_DIR: '', CODEX_HOME: '' },
      { claudeProjects: '/h/.claude/projects', codexSessions: '/h/.codex/sessions' },
    ],
  ])('in %j are %j', (environment, folders) => {
    expect(agentFoldersIn(environment)).toEqual(folders);
  });

  test('may not be there', () => {
    expect(found(machine({}), { ...RECORDING, agentSessionId: ID })).toEqual(['none']);
  });
});

function linkTo(target: string, link: string): string {
  symlinkSync(target, link);
  return link;
}

function makePipe(pipe: string): string {
  execFileSync('mkfifo', [pipe]);
  return pipe;
}
