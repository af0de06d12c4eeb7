import { appendFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { complaintsOf } from '../support/calm.ts';
import { Chance } from '../support/chance.ts';
import { type CliResult, runCli } from '../support/cli.ts';
import { User } from '../support/clone-user.ts';
import { type Interlude, MOMENTS } from '../support/git-relay.ts';
import { gitIn } from '../support/machines.ts';
import {
  belongingsIn,
  type Ground,
  recordingIn,
  type SharedClone,
  sharedClone,
  TOKEN,
} from '../support/shared-clone.ts';
import { SEED, shortOrLong, tellFigures } from '../support/torture.ts';
import { FINISH, USER_ACTIONS, type UserAction } from '../support/user-actions.ts';

/**
 * Passes in a crowd: with each other, with cleanups, and with what the user does in the same clone at any moment.
 *
 *   - What the user did is as it is where no pass runs: a twin of the clone tells. What git refused is as it was.
 *   - Statuses are those of the README.
 *   - When all has calmed down, two passes at most leave nothing to do and nothing lying around: each session is
 *     finished once, pushed, with all that was recorded, and an agent was asked once for it.
 *
 * All processes are real. The user's act when a certain git of the pass begins or has ended.
 * AGENTWORK_TORTURE_RACE='{…}' plays the one that a failure has printed.
 */

interface Race extends Pick<Interlude, 'moment' | 'call'> {
  readonly ground: Ground;
  readonly action: string;
}

const LEVEL: Ground = { isBehind: false, hasOwnCommit: false };
const BEHIND: Ground = { isBehind: true, hasOwnCommit: false };
const OWN: Ground = { isBehind: false, hasOwnCommit: true };
const GROUNDS = [LEVEL, BEHIND, OWN, { isBehind: true, hasOwnCommit: true }] as const;

/** Where something did go wrong, or would most. The short form plays the first of them. */
const DANGERS: readonly Race[] = [
  { ground: LEVEL, action: 'commit', moment: 'before', call: 'update-ref -m agentwork' },
  { ground: LEVEL, action: 'stash of everything', moment: 'before', call: 'ls-tree -z --full-tree --name-only HEAD' },
  { ground: BEHIND, action: 'stash of everything', moment: 'before', call: 'add --force' },
  { ground: OWN, action: 'gc --prune=now', moment: 'after', call: 'diff-index --cached' },
  { ground: LEVEL, action: 'switch', moment: 'after', call: 'push --porcelain' },
  { ground: BEHIND, action: 'rebase that stops', moment: 'before', call: 'push --porcelain' },
  { ground: LEVEL, action: 'gc --prune=now', moment: 'after', call: 'fast-import' },
  { ground: LEVEL, action: 'commit with an open editor', moment: 'beside', call: 'diff-index --cached' },
  {
    ground: BEHIND,
    action: 'pull --rebase',
    moment: 'before',
    call: 'push --porcelain --progress --no-follow-tags --recurse-submodules=no --no-signed --atomic',
  },
  { ground: BEHIND, action: 'commit', moment: 'before', call: 'read-tree -m -u' },
  { ground: BEHIND, action: 'stash', moment: 'after', call: 'read-tree -m -u' },
  { ground: BEHIND, action: 'prune', moment: 'before', call: 'read-tree -m -u' },
  { ground: OWN, action: 'commit and push', moment: 'before', call: '--atomic' },
  { ground: LEVEL, action: 'add -A and commit', moment: 'before', call: 'add --force' },
  { ground: LEVEL, action: 'rebase', moment: 'after', call: 'update-ref -m agentwork' },
  { ground: LEVEL, action: 'finalize', moment: 'before', call: 'rev-parse HEAD --symbolic-full-name' },
  { ground: LEVEL, action: 'cleanup', moment: 'beside', call: 'add --force' },
];

const actionOf = (name: string) => USER_ACTIONS.find((action) => action.name === name) as UserAction;

/** What is wrong after a race, and how it went. */
async function play({ ground, action: name, call, moment }: Race): Promise<readonly string[]> {
  const action = actionOf(name);
  const clone = await sharedClone(ground);
  const user = new User(clone, action.steps);
  clone.relay.arm({ call, moment: action.waitsForPass ? 'beside' : moment, program: user.program });
  const pass = await runCli(['finalize'], clone);
  await expect.poll(() => user.isAtIt, { timeout: 60_000 }).toBe(false);
  const isMissed = typeof call === 'string' && !clone.relay.calls().some((words) => words.includes(call));
  clone.relay.disarm();
  const steps = action.isHarmless ? [] : action.steps.slice(0, user.steps);
  const complaints = [
    ...(isMissed ? [`no git was called with ${call}`] : []),
    ...uncommon(pass, [0, 3]),
    ...(action.isHarmless && user.said !== '' && user.steps === 0 ? ['it ended with another status than 0 or 11'] : []),
    ...difference(
      comparable(await asAlone(ground, action, steps), action),
      comparable(belongingsIn(clone, isAll(action)), action),
    ),
    ...(await calmDown(clone, [...FINISH, ...(user.steps > 0 ? (action.finish ?? []) : [])])),
    ...(await complaintsOf(clone, action)),
  ];
  rmSync(clone.folder, { recursive: true });
  return complaints.length === 0
    ? []
    : [...complaints, `the pass: ${pass.stdout}\n${pass.stderr}`, `the user: ${user.said}`];
}

const isAll = (action: UserAction) => action.takesAll !== true;

/** The pass may have brought what the user would have pulled: then what was staged stays so. */
function comparable(belongings: ReturnType<typeof belongingsIn>, { unstages }: UserAction) {
  if (!unstages) return belongings;
  const { staged, changed, ...rest } = belongings;
  return { ...rest, changed: [staged, changed].join('\n').split('\n').filter(Boolean).sort() };
}

/** What the same steps leave where no pass is. */
async function asAlone(ground: Ground, action: UserAction, steps: readonly string[]) {
  const twin = await sharedClone(ground);
  new User(twin, steps).act();
  const belongings = belongingsIn(twin, isAll(action));
  rmSync(twin.folder, { recursive: true });
  return belongings;
}

/** The user finishes what was begun and brings both sides together; then passes run until there is nothing to do. */
async function calmDown(clone: SharedClone, steps: readonly string[]): Promise<readonly string[]> {
  const all = [...steps, 'git pull -q --rebase --autostash'];
  const finish = new User(clone, all);
  finish.act();
  const calm = belongingsIn(clone, false);
  const complaints: string[] = finish.steps === all.length ? [] : [`it cannot be brought to an end: ${finish.said}`];
  for (let passes = 0; passes < 2 && (await runCli(['detect', '--exit-code'], clone)).status === 4; passes += 1) {
    complaints.push(...uncommon(await runCli(['finalize'], clone), [0]));
  }
  complaints.push(...uncommon(await runCli(['finalize'], clone), [0]));
  complaints.push(...difference(calm, belongingsIn(clone, false)));
  new User(clone, ['git push -q']).act();
  return complaints;
}

function uncommon({ status, stderr }: CliResult, common: readonly number[]): readonly string[] {
  const isCommon = common.includes(status ?? 1) && !/^\s+at .*:\d+:\d+/m.test(stderr);
  return isCommon ? [] : [`ended with status ${status}: ${stderr}`];
}

function difference(wanted: object, seen: object): readonly string[] {
  const [one, other] = [wanted, seen].map((value) => JSON.stringify(value, undefined, 1));
  return one === other ? [] : [`the user was to have ${one}, and has ${other}`];
}

let races = 0;

async function expectCalm(race: Race): Promise<void> {
  races += 1;
  expect(await play(race), `AGENTWORK_TORTURE_RACE='${JSON.stringify(race)}'`).toEqual([]);
}

describe('the user and a pass', () => {
  const told = process.env.AGENTWORK_TORTURE_RACE;
  const named = told === undefined ? DANGERS.slice(0, shortOrLong(2, DANGERS.length)) : [JSON.parse(told) as Race];
  test.each(named.map((race) => [race.action, race.moment, race.call, race] as const))(
    'go well together: %s %s %s',
    async (_, __, ___, race) => expectCalm(race),
  );

  test('go well together whatever is done at whatever moment', async () => {
    const chance = new Chance(SEED);
    const endsAt = Date.now() + shortOrLong(0, LONGEST_MS);
    const most = told === undefined ? shortOrLong(1, 400) : 0;
    for (let count = 0; count < most && (count === 0 || Date.now() < endsAt); count += 1) {
      await expectCalm({
        ground: GROUNDS[chance.between(0, GROUNDS.length - 1)] ?? LEVEL,
        action: USER_ACTIONS[chance.between(0, USER_ACTIONS.length - 1)]?.name ?? '',
        moment: MOMENTS[chance.between(0, MOMENTS.length - 1)] ?? 'before',
        call: chance.between(1, MOST_CALLS),
      });
    }
  });

  afterAll(() => tellFigures('the user and a pass', { races }));
});

/** The long form is to end, on whatever machine. */
const LONGEST_MS = 20 * 60_000;
/** So many calls of git does a pass make where others have pushed meanwhile. */
const MOST_CALLS = 77;

describe('eight at once', () => {
  /** A session that is committed, and holds what `cleanup --redact` is to take out. */
  function commitSecret({ cwd, git, recordings }: SharedClone): string {
    const [session = ''] = [...recordings.keys()].sort();
    const entry = { type: 'user', content: `use ${TOKEN}`, timestamp: '2026-01-21T10:00:00Z' };
    appendFileSync(path.join(cwd, 'sessions', session, 'raw.jsonl'), `${JSON.stringify(entry)}\n`);
    git('commit', '--quiet', '--message', 'record on', `sessions/${session}/raw.jsonl`);
    git('push', '--quiet');
    return session;
  }

  test.each(Array.from({ length: shortOrLong(1, 12) }, (_, round) => round))(
    'finish each session once, and nothing is left (%i)',
    async (round) => {
      const chance = new Chance(SEED + round);
      const { recordings: before, ...rest } = await sharedClone(LEVEL);
      const secret = commitSecret({ ...rest, recordings: before });
      const clone = {
        ...rest,
        recordings: new Map(before).set(secret, recordingIn(path.join(rest.cwd, 'sessions', secret))),
      };
      const redact = ['cleanup', '--redact', secret];
      const others = [['finalize', '--if-due', '5m'], ['cleanup'], redact, ['detect'], ['status']];
      const crowd = [['finalize'], ['finalize'], ['finalize'], ['cleanup'], redact];
      while (crowd.length < 8) crowd.push(others[chance.between(0, others.length - 1)] ?? []);
      const belongings = belongingsIn(clone, true);
      const ends = await Promise.all(crowd.map((words) => runCli(words, clone)));
      const complaints = [
        ...ends.flatMap((end) => uncommon(end, [0, 11])),
        ...difference(belongings, belongingsIn(clone, true)),
        ...uncommon(await runCli(redact, clone), [0]),
        ...(await calmDown(clone, [])),
        ...(await complaintsOf(clone)),
      ];
      expect(complaints, `${ends.map(({ status }) => status)} seed ${SEED}`).toEqual([]);
      expect(
        gitIn(clone.remote, 'grep', '--name-only', '--fixed-strings', '-e', '[REDACTED_GITHUB_TOKEN]', 'main'),
      ).toContain(secret);
    },
  );
});
