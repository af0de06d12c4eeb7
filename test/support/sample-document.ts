import type { SessionDocument } from '../../src/session/document.ts';
import { outlineOf } from '../../src/session/outline.ts';
import type { Entry } from '../../src/session/transcript.ts';

const STARTED_AT_MS = Date.UTC(2026, 2, 6, 10, 0, 0);
const SECONDS_PER_ENTRY = 17;

type Said = Omit<Entry, 'seq' | 'atMs'>;

/** Numbers entries and spaces them in time, as a recorder would. */
export function numberEntries(said: readonly Said[]): readonly Entry[] {
  return said.map((entry, seq) => ({ ...entry, seq, atMs: STARTED_AT_MS + seq * SECONDS_PER_ENTRY * 1000 }));
}

export const user = (text: string): Said => ({ kind: 'user', text });
export const assistant = (text: string): Said => ({ kind: 'assistant', text });
export const system = (text: string): Said => ({ kind: 'system', text });

export function toolCall(callId: string, toolName: string, input: object): Said {
  return { kind: 'tool', text: '', toolName, toolInput: JSON.stringify(input), callId };
}

export function toolResult(callId: string, toolOutput: string): Said {
  return { kind: 'tool_result', text: '', toolOutput, callId };
}

export function toolError(callId: string, toolOutput: string): Said {
  return { ...toolResult(callId, toolOutput), isError: true };
}

/** A small session as it could have happened: a login that redirects in circles is found, fixed and tested. */
export function sampleEntries(): readonly Entry[] {
  return numberEntries(SAID);
}

/** The document of `sampleEntries`; a test changes what it is about. */
export function sampleDocument(changes: Partial<SessionDocument> = {}): SessionDocument {
  return { ...DOCUMENT, ...changes };
}

const GUARD_SOURCE = `     1	import type { Request, Response } from 'express';
     2	import { readSession } from './session';
     3
     4	export async function requireUser(req: Request, res: Response) {
     5	  const session = await readSession(req.cookies.sid);
     6	  if (!session) return res.redirect('/login?next=' + req.originalUrl);
     7	  if (session.expiresAt < Date.now()) return res.redirect('/login');
     8	  return session.user;
     9	}`;

const FAILED_RUN = `Exit code 1
 FAIL  src/auth/guard.test.ts > requireUser > sends an expired session to the login page once
AssertionError: expected 302 redirect to "/login", got 9 redirects

 Test Files  1 failed | 11 passed (12)
      Tests  1 failed | 86 passed (87)`;

const SAID: readonly Said[] = [
  system('SessionStart hook: 14 team conventions loaded'),
  user(
    'Logging in sends people in circles when their session has expired: /login → / → /login, until the browser gives up.\nCan you find out why, and fix it? It started with last week’s release.',
  ),
  assistant(
    'I will look at the guard that decides where an expired session goes, and at what the login page does with it.',
  ),
  toolCall('call_1', 'Grep', { pattern: 'redirect\\(', path: 'src/auth' }),
  toolResult(
    'call_1',
    "src/auth/guard.ts:6:  if (!session) return res.redirect('/login?next=' + req.originalUrl);\nsrc/auth/guard.ts:7:  if (session.expiresAt < Date.now()) return res.redirect('/login');\nsrc/auth/login.ts:18:  if (req.cookies.sid) return res.redirect('/');",
  ),
  toolCall('call_2', 'Read', { file_path: 'src/auth/guard.ts' }),
  toolResult('call_2', GUARD_SOURCE),
  toolCall('call_3', 'Read', { file_path: 'src/auth/login.ts', offset: 10, limit: 12 }),
  toolResult(
    'call_3',
    "    18	  if (req.cookies.sid) return res.redirect('/');\n    19	  return res.render('login', { next: req.query.next });",
  ),
  assistant(
    `Found it. Two rules disagree about the same cookie:

1. **The guard** sends an *expired* session to \`/login\`, but leaves the \`sid\` cookie in place.
2. **The login page** sees a \`sid\` cookie, believes the user is logged in, and goes back to \`/\`.

\`\`\`ts
// src/auth/login.ts
if (req.cookies.sid) return res.redirect('/'); // true for an expired session too
\`\`\`

| cookie | guard says | login says |
| --- | --- | :---: |
| none | go to login | stay |
| valid | pass | go home |
| **expired** | go to login | **go home** |

The cookie should go when the session does. Shall I clear it in the guard?`,
  ),
  user('Yes, clear it in the guard. And keep the `next` address, people lose their place today.'),
  toolCall('call_4', 'Edit', {
    file_path: 'src/auth/guard.ts',
    old_string:
      "  if (!session) return res.redirect('/login?next=' + req.originalUrl);\n  if (session.expiresAt < Date.now()) return res.redirect('/login');\n  return session.user;",
    new_string:
      "  if (session && session.expiresAt >= Date.now()) return session.user;\n  res.clearCookie('sid');\n  return res.redirect('/login?next=' + encodeURIComponent(req.originalUrl));",
  }),
  toolResult('call_4', 'The file src/auth/guard.ts has been updated.'),
  toolCall('call_5', 'Write', {
    file_path: 'src/auth/guard.test.ts',
    content:
      "import { expect, test } from 'vitest';\nimport { requestWith } from './testing';\n\ntest('sends an expired session to the login page once', async () => {\n  const answer = await requestWith({ sid: 'expired' }).get('/cart');\n  expect(answer.redirects).toEqual(['/login?next=%2Fcart']);\n});\n",
  }),
  toolResult('call_5', 'File created at src/auth/guard.test.ts'),
  toolCall('call_6', 'Bash', { command: 'npm test -- --run src/auth', description: 'Run the auth tests' }),
  toolError('call_6', FAILED_RUN),
  assistant(
    'One test still goes round: `requestWith` keeps cookies between requests, so the cleared cookie must be sent with the same **path** that set it.',
  ),
  toolCall('call_7', 'Edit', {
    file_path: 'src/auth/guard.ts',
    old_string: "  res.clearCookie('sid');",
    new_string: "  res.clearCookie('sid', { path: '/', sameSite: 'lax' });",
  }),
  toolResult('call_7', 'The file src/auth/guard.ts has been updated.'),
  toolCall('call_8', 'Bash', { command: 'npm test -- --run src/auth', description: 'Run the auth tests' }),
  toolResult(
    'call_8',
    '\u001b[32m ✓\u001b[39m src/auth/guard.test.ts (9 tests) 41ms\n\u001b[32m ✓\u001b[39m src/auth/login.test.ts (4 tests) 12ms\n\n Test Files  12 passed (12)\n      Tests  87 passed (87)',
  ),
  assistant(
    'Fixed, and all 87 tests pass.\n\n- An expired session now loses its cookie in the guard, with the path that set it.\n- The address someone wanted survives the login (`next`, encoded).\n- A new test walks the whole circle.\n\nSee [Express on clearing cookies](https://expressjs.com/en/api.html#res.clearCookie): path and domain must match.',
  ),
];

const DOCUMENT: SessionDocument = {
  name: '2026-03-06T10-00-ryan-Ox7f3a',
  header: {
    agentId: 'Ox7f3a',
    agentType: 'claude-code',
    agentVersion: '2.1.100',
    model: 'claude-sonnet-4-5',
    username: 'ryan',
    createdAtMs: STARTED_AT_MS,
  },
  summary: {
    title: 'Fix the login redirect loop for expired sessions',
    provider: 'claude',
    summary:
      'Expired sessions sent people in circles between the guard and the login page, because the guard redirected without clearing the session cookie that the login page trusted. The guard now clears the cookie with the path that set it and keeps the address the user wanted. A new test covers the loop.',
    key_actions: [
      'Traced the loop to two rules that read the same cookie differently',
      'Cleared the session cookie in the guard, with its original path',
      'Kept the wanted address through the login, encoded',
      'Added a test that follows every redirect',
    ],
    outcome: 'success',
    topics_found: ['authentication', 'cookies', 'express', 'redirects'],
    agent_summary: {
      decisions: [
        {
          what: 'Clear the cookie in the guard, not in the login page',
          why: 'the guard is the one that knows that the session has expired',
          owner: 'ryan',
        },
      ],
      action_items: [{ task: 'Check the admin area for the same pattern', assignee: 'ryan', priority: 'medium' }],
      open_questions: [{ question: 'Should the login page check the session instead of the cookie?' }],
    },
    chapter_titles: ['Finding the loop', 'Fix and test'],
    files_changed: [
      { path: 'src/auth/guard.ts', added: 4, removed: 4 },
      { path: 'src/auth/guard.test.ts', added: 7 },
    ],
    aha_moments: [
      {
        seq: 9,
        role: 'assistant',
        type: 'insight',
        highlight: 'Two rules disagree about the same cookie',
        why: 'It explains the whole loop, and why only expired sessions met it.',
      },
      {
        seq: 10,
        role: 'user',
        type: 'decision',
        highlight: 'Yes, clear it in the guard. And keep the next address',
        why: 'Settles where the fix belongs and widens it to what users feel.',
      },
    ],
    quality_score: 0.82,
    agentwork: {
      version: 1,
      input: { sha256: '0'.repeat(64), bytes: 18233, entries: SAID.length },
      agent: 'claude',
      model: 'claude-haiku-4-5',
    },
  },
  outline: outlineOf(numberEntries(SAID)),
  endedAtMs: STARTED_AT_MS + 7 * 60 * 1000,
  malformedLines: [],
  redactions: 2,
};
