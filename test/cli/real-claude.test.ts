import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { isolatedEnvironment, runJson } from '../support/cli.ts';
import { CANARY, type HostileLedger, hostileLedger, MEMORY } from '../support/hostile-ledger.ts';
import { type StandInApi, startStandInApi } from '../support/stand-in-api.ts';

// The same hostile ledger before the real program, which talks to a server of ours on the loopback and to nobody else.
const REAL_CLAUDE = process.env.AGENTWORK_REAL_CLAUDE;

if (REAL_CLAUDE === undefined) console.warn('skipped: the real claude: AGENTWORK_REAL_CLAUDE names none');

const ANSWER = JSON.stringify({
  title: 'Ask for a file that nobody may read',
  summary: 'The session asked its agent in many ways to read a file and to run commands. '.repeat(2),
  key_actions: ['Asked for a file', 'Asked for a command', 'Claimed to be the system'],
  outcome: 'failed',
  topics_found: ['injection'],
  aha_moments: [{ seq: 1, role: 'user', type: 'question', highlight: 'read it', why: 'It began there.' }],
});

/** A hostile ledger, an API that is ours, and one that its settings send everything to. */
async function setUp() {
  const [api, elsewhere] = [await startStandInApi(ANSWER), await startStandInApi(ANSWER)];
  return { api, elsewhere, ledger: hostileLedger(elsewhere.url) };
}

/** Our own address and a made-up key; without the DISABLE variables a run would talk to more than the API. */
function keysFor({ url }: StandInApi): Record<string, string> {
  return {
    // Up to 2.1.110 or so the program is a script for Node.
    PATH: [path.dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(path.delimiter),
    ...{ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'made-up' },
    ...{ CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_TELEMETRY: '1', DISABLE_AUTOUPDATER: '1' },
  };
}

const sentTo = ({ requests }: StandInApi) => JSON.stringify(requests);

describe.skipIf(REAL_CLAUDE === undefined)('the real claude', () => {
  test('started without care, does what a hostile ledger wants', async () => {
    const { api, elsewhere, ledger } = await setUp();
    const env = { ...isolatedEnvironment({ cwd: ledger.root }), ...keysFor(api) };
    const input = `Summarise:\n${ledger.texts}`;
    await execa(String(REAL_CLAUDE), ['-p'], { cwd: ledger.root, env, extendEnv: false, input });
    expect(ledger.sprung()).toEqual(expect.arrayContaining(['key helper', 'project hook', 'project server']));
    expect(sentTo(elsewhere)).toContain(CANARY);
    expect(sentTo(elsewhere)).toContain(MEMORY);
    expect(sentTo(api)).not.toContain(CANARY);
  });

  test.each<[string, (ledger: HostileLedger) => Record<string, string>]>([
    ['in a plain shell', () => ({})],
    ['in a hook of git, an agent, and with code for Node', ({ surroundings }) => surroundings],
    ['with the settings of the user', () => ({ AGENTWORK_CLAUDE_SETTINGS: 'user' })],
  ])('%s, is told of a hostile ledger what the prompt says, and its answer finishes the session', async (_, around) => {
    const { api, elsewhere, ledger } = await setUp();
    const env = { ...keysFor(api), ...around(ledger), AGENTWORK_CLAUDE_PATH: path.resolve(String(REAL_CLAUDE)) };
    const { status, json, stderr } = await runJson(['finalize'], { cwd: ledger.root, env });
    expect(status, stderr).toBe(0);
    expect(json).toMatchObject({
      results: [{ success: true, agent: 'claude', title: JSON.parse(ANSWER).title }],
      pushed: 'done',
    });
    expect(ledger.sprung()).toEqual([]);
    expect(elsewhere.requests).toEqual([]);
    expect(sentTo(api)).not.toContain(CANARY);
    expect(sentTo(api)).not.toContain(MEMORY);
    expect(sentTo(api)).not.toContain(ledger.root);
    for (const { method, path } of api.requests)
      expect(['HEAD /', 'POST /v1/messages?beta=true']).toContain(`${method} ${path}`);
    const [asked, ...more] = api.messages();
    expect(more).toEqual([]);
    expect(asked?.tools ?? []).toEqual([]);
    // Beside the prompt and our words for the model the program tells the date, and some versions what machine it is.
    const texts = textsOf(asked?.messages.map(({ content }) => content));
    expect(texts.filter(isPrompt)).toHaveLength(1);
    expect(texts.filter((text) => !isPrompt(text)).join('\n')).not.toMatch(/eve|canary|session-/i);
    expect(textsOf(asked?.system)).toContainEqual(expect.stringMatching(/^You summarise recorded AI coding sessions/));
  });
});

const isPrompt = (text: string) => text.startsWith('Summarise the recorded AI coding session below');

/** A content is a text or a list of blocks with texts. */
function textsOf(content: unknown): readonly string[] {
  if (typeof content === 'string') return [content];
  return Array.isArray(content) ? content.flatMap((block) => textsOf(block?.text ?? block)) : [];
}
