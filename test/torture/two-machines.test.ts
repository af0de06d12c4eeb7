import { appendFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DAY_MS, isoTime, MINUTE_MS } from '../../src/clock.ts';
import { listTrash } from '../../src/ledger/trash/trash.ts';
import { Chance } from '../support/chance.ts';
import { runCli } from '../support/cli.ts';
import { DEATHS, runFaulty } from '../support/fault.ts';
import { addMachine, createFleet, type Fleet, gitIn, type Machine, outcomeOf } from '../support/machines.ts';
import { loginEntries, recording } from '../support/sample-ledger.ts';
import { standInCalls, writeStandInClaude } from '../support/stand-in-claude.ts';
import { temporaryFolder, writeFiles } from '../support/temporary-folder.ts';
import { isLong, SEED, shortOrLong, tellFigures } from '../support/torture.ts';

/**
 * Two people, each with a clone of the ledger, do whatever comes to their mind, and so do their machines: record, go on
 * recording, commit, pull, finish, be killed, clean up, put back, and run into the agent's limit. A simple model knows
 * what was recorded and written. Once all is calm, the remote has all of it, each session finished, and the agent was
 * asked no more often than there was reason to.
 */

const ACTIONS = [
  ...['record', 'record', 'recordInCache', 'recordInCache', 'goOn', 'edit', 'pull', 'pull', 'finalize', 'finalize'],
  ...['finalize', 'crash', 'crash', 'cleanup', 'limit', 'restore'],
] as const;
type Action = (typeof ACTIONS)[number];

const CACHE = '.cache/sageox/sessions/ledger/sessions';
const FIRST_DAY_MS = Date.UTC(2026, 0, 1, 10);
const LIMITED = { type: 'result', subtype: 'success', is_error: true, total_cost_usd: 0 };
/** A pass has about as many steps; one that is never reached kills nobody. */
const MOST_STEPS = 400;
const DOCUMENTED = [0, 2, 3, 11, 12, 13];

interface Recorded {
  readonly name: string;
  readonly raw: string;
  /** Of these each has to stand in the recording at the remote. */
  readonly said: string[];
}

class TwoMachines {
  readonly #fleet: Fleet;
  readonly #machines: readonly Machine[];
  readonly #chance: Chance;
  readonly #sessions: Recorded[] = [];
  readonly #notes: string[] = [];
  readonly story: string[] = [];
  /** Reasons for one call each: a session, what was added to it, a process that was killed while it asked. */
  #reasons = 1;
  kills = 0;

  private constructor(fleet: Fleet, chance: Chance) {
    this.#fleet = fleet;
    this.#chance = chance;
    this.#machines = ['mia', 'tom'].map((name) => addMachine(fleet, name));
    for (const { cwd } of this.#machines) gitIn(cwd, 'config', 'pull.rebase', 'true');
  }

  static async open(chance: Chance): Promise<TwoMachines> {
    const fleet = await createFleet(temporaryFolder(), 1);
    return new TwoMachines(fleet, chance);
  }

  async act(action: Action): Promise<void> {
    const machine = this.#machines[this.#chance.between(0, 1)] as Machine;
    this.story.push(`${action} at ${path.basename(path.dirname(machine.cwd))}`);
    if (action === 'record' || action === 'edit') await this.#freeIndex(machine);
    if (action === 'record') this.#record(machine, path.join(machine.cwd, 'sessions'));
    if (action === 'recordInCache') this.#record(machine, path.join(machine.cwd, '..', 'home', CACHE));
    if (action === 'goOn') this.#goOn();
    if (action === 'edit') this.#edit(machine);
    if (action === 'pull') pull(machine);
    if (action === 'finalize') await this.#run(machine, 'finalize');
    if (action === 'crash') await this.#crash(machine);
    if (action === 'cleanup') await this.#run(machine, 'cleanup');
    if (action === 'limit') await this.#limit(machine);
    if (action === 'restore') await this.#restore(machine);
  }

  /** Both pull and finish, twice: what one pushes the other has to get. */
  async calmDown(): Promise<void> {
    for (const machine of [...this.#machines, ...this.#machines]) {
      pull(machine);
      await this.#run(machine, 'finalize', '--resume');
    }
    for (const machine of this.#machines) {
      pull(machine);
      gitIn(machine.cwd, 'push', '--quiet');
    }
  }

  async expectAllIsWell(): Promise<void> {
    const { remote, claudeFolder } = this.#fleet;
    const names = [...this.#fleet.sessions, ...this.#sessions.map(({ name }) => name)].sort();
    const { finished, isLinear, claims } = outcomeOf(this.#fleet);
    expect({ finished, isLinear, claims }).toEqual({ finished: names, isLinear: true, claims: 0 });
    for (const { name, said } of this.#sessions) {
      const raw = gitIn(remote, 'show', `main:sessions/${name}/raw.jsonl`);
      expect(said.filter((words) => !raw.includes(words))).toEqual([]);
    }
    const notes = this.#notes.length > 0 ? gitIn(remote, 'grep', '-h', 'note', 'main', '--', 'notes') : '';
    expect(this.#notes.filter((note) => !notes.includes(note))).toEqual([]);
    expect(this.#machines.map(({ cwd }) => gitIn(cwd, 'status', '--porcelain'))).toEqual(['', '']);
    expect((await standInCalls(claudeFolder)).length).toBeLessThanOrEqual(this.#reasons);
  }

  /** A pass that was killed may hold the index, and git says so: the next pass lets it go. */
  async #freeIndex(machine: Machine): Promise<void> {
    const isHeld = existsSync(path.join(machine.cwd, '.git', 'index.lock'));
    if (isHeld) await this.#run(machine, 'finalize');
  }

  #record(machine: Machine, folder: string): void {
    const index = this.#sessions.length + 1;
    const start = FIRST_DAY_MS + index * DAY_MS;
    const id = `Ox${String(index).padStart(4, '0')}`;
    const name = `${isoTime(start).slice(0, 16).replace(':', '-')}-mia-${id}`;
    const first = `the first words of ${id}`;
    const entries = [...loginEntries(start), { type: 'user', content: first, timestamp: isoTime(start + MINUTE_MS) }];
    writeFiles(folder, { [`${name}/raw.jsonl`]: recording(start, 'mia', id, entries) });
    this.#sessions.push({ name, raw: path.join(folder, name, 'raw.jsonl'), said: [first] });
    this.#reasons += 1;
    if (folder.startsWith(machine.cwd)) commit(machine, `sessions/${name}`);
  }

  /** A session in a cache is recorded further, as long as nobody has put it away. */
  #goOn(): void {
    const open = this.#sessions.filter(({ raw }) => raw.includes(CACHE) && existsSync(raw));
    const session = open[this.#chance.between(0, open.length - 1)];
    if (!session) return;
    const words = `more words of ${session.name}, ${session.said.length}`;
    appendFileSync(
      session.raw,
      `${JSON.stringify({ type: 'user', content: words, timestamp: isoTime(Date.now()) })}\n`,
    );
    session.said.push(words);
    this.#reasons += 1;
  }

  #edit(machine: Machine): void {
    const note = `note ${this.#notes.length}.`;
    writeFiles(machine.cwd, { [`notes/${this.#notes.length}.md`]: `${note}\n` });
    this.#notes.push(note);
    commit(machine, 'notes');
  }

  async #crash(machine: Machine): Promise<void> {
    const how = DEATHS[this.#chance.between(0, DEATHS.length - 1)] ?? 'before';
    const at = this.#chance.between(0, MOST_STEPS);
    const { wasKilled, steps } = await runFaulty(['finalize'], machine, { at, how });
    this.story.push(`  ${how} step ${at}${wasKilled ? `, ${steps.at(-1)?.slice(0, 120)}` : ', which did not come'}`);
    if (!wasKilled) return;
    this.kills += 1;
    // So many are asked at a time.
    this.#reasons += 4;
  }

  /** The next pass meets the limit of the agent's allotment. */
  async #limit(machine: Machine): Promise<void> {
    const { claudeFolder } = this.#fleet;
    const before = (await standInCalls(claudeFolder)).length;
    const said = { ...LIMITED, result: "You've hit your limit · resets 11pm (UTC)" };
    await writeStandInClaude(claudeFolder, { calls: [{ stdout: `${JSON.stringify(said)}\n` }] });
    await this.#run(machine, 'finalize');
    await writeStandInClaude(claudeFolder);
    this.#reasons += (await standInCalls(claudeFolder)).length - before;
  }

  async #restore(machine: Machine): Promise<void> {
    const trash = listTrash(path.join(machine.cwd, '.git', 'agentwork'));
    const entry = trash[this.#chance.between(0, trash.length - 1)];
    // What is put back may be finished anew.
    if (entry) this.#reasons += 1;
    if (entry) await this.#run(machine, 'cleanup', '--restore', entry.name);
  }

  async #run(machine: Machine, ...words: readonly string[]): Promise<void> {
    const { status, stdout, stderr } = await runCli(words, machine);
    this.story.push(`  ${status}: ${stdout} ${stderr}`);
    expect(DOCUMENTED).toContain(status);
    expect(`${stdout}${stderr}`).not.toMatch(/^\s+at |this is a bug/m);
  }
}

/** As a user would, who has nothing open; what stands in the way of it is for later. */
function pull({ cwd }: Machine): void {
  try {
    gitIn(cwd, 'pull', '--quiet');
  } catch {
    // The rebase that it began is taken back.
    if (existsSync(path.join(cwd, '.git', 'rebase-merge'))) gitIn(cwd, 'rebase', '--abort');
  }
}

function commit(machine: Machine, what: string): void {
  gitIn(machine.cwd, 'add', what);
  gitIn(machine.cwd, 'commit', '--quiet', '--message', what, '--', what);
  pull(machine);
  try {
    gitIn(machine.cwd, 'push', '--quiet', '--set-upstream', 'origin', 'HEAD');
  } catch {
    // Somebody was faster; it goes with a later push.
  }
}

test('whatever two people and their machines do, all of it arrives', {
  timeout: isLong ? 12 * 3_600_000 : 180_000,
}, async () => {
  const figures = { sequences: 0, actions: 0, kills: 0 };
  for (let number = 0; number < shortOrLong(1, 60); number += 1) {
    const chance = new Chance(Math.imul(SEED + number, 2_654_435_761) >>> 0);
    const two = await TwoMachines.open(chance);
    try {
      for (let count = 0; count < shortOrLong(12, 25); count += 1) await two.act(chance.one(ACTIONS) as Action);
      await two.calmDown();
      await two.expectAllIsWell();
    } catch (error) {
      throw new Error(`seed ${SEED}, sequence ${number}:\n${two.story.join('\n')}`, { cause: error });
    }
    figures.sequences += 1;
    figures.actions += shortOrLong(12, 25);
    figures.kills += two.kills;
  }
  tellFigures('two machines', figures);
});
