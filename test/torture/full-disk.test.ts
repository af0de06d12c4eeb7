import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { type CliOptions, type CliResult, runCli, startCli } from '../support/cli.ts';
import { gitIn, outcomeOf } from '../support/machines.ts';
import { createSampleLedger } from '../support/sample-ledger.ts';
import { describeOnSmallDisk, mountSmallDisk, type Room, type SmallDisk } from '../support/small-disk.ts';
import { type StandInScenario, standInCalls, writeStandInClaude } from '../support/stand-in-claude.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { isLong, tellFigures } from '../support/torture.ts';

/**
 * The first promise on a disk that is full, which is a real one. Room is left for so much more and no more, so that one
 * write after the other becomes the first that fails. Whatever is full, and since when,
 *
 *   - the pass says so in one sentence that names the place, ends with a documented status, and shows no stack;
 *   - no recording is touched, and no file is left half written under the name of a whole one;
 *   - once there is room, the next pass finishes and pushes everything, and leaves nothing lying around;
 *   - no agent is asked where it can be known that its answer has no place, and about no session more than once anew.
 */

/** What lies on the small disk; all else lies beside it. */
type Part = 'clone' | 'home' | 'tmp';

const EVERYTHING: readonly Part[] = ['clone', 'home', 'tmp'];
/** What a pass over a session is about, of the sample ledger: the abandoned one and a further one lie in a cache. */
const LEFT_OUT = ['finished', 'recording', 'pointer', 'nested', 'hostile'] as const;
/** Sessions about which an agent is asked. */
const QUESTIONS = 3;

/** What is full, how full, and what is said of it. */
const KNOWN_BEFOREHAND: readonly (readonly [string, readonly Part[], Room, RegExp])[] = [
  ['the clone', ['clone'], { kilobytes: 1900 }, /the disk is full: 1\.\d MB are left at /],
  ['the clone has no room for files', ['clone'], { files: 60 }, /the disk is full: \d\d more files can be made at /],
  ['the temporary folder', ['tmp'], { files: 0 }, /no private folder can be made in /],
];

/** Room for so much, in small steps at first, up to more than a pass takes. */
const kilobytes = (short: number, step: number): readonly Room[] =>
  (isLong ? [...range(0, 200, step), ...range(200, 600, 4 * step)] : [short]).map((kilobytes) => ({ kilobytes }));
const files = (short: number, step: number): readonly Room[] =>
  (isLong ? [...range(0, 20, step), ...range(20, 90, 3 * step)] : [short]).map((files) => ({ files }));

function range(from: number, to: number, step: number): readonly number[] {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);
}

describeOnSmallDisk('a pass on a full disk', () => {
  test('needs no agent, and loses nothing wherever the room ends', async () => {
    const place = new Place(EVERYTHING);
    for (const room of [...kilobytes(48, 4), ...files(8, 1)]) {
      await place.prepare();
      place.disk.leave(room);
      const pass = await place.finalize('--agent', 'offline');
      place.expectTold(pass, room);
      await place.expectToRecover(room, 0, '--agent', 'offline');
    }
    place.tell('offline');
  });

  test('that was filled while agents were at work loses no recording, and asks once more at most', async () => {
    const place = new Place(EVERYTHING);
    for (const room of [...kilobytes(24, 12), ...files(4, 4)]) {
      await place.prepare({ calls: [{ delayMs: 800 }] });
      const pass = startCli(['finalize'], place.options);
      let isOver = false;
      void pass.finally(() => {
        isOver = true;
      });
      const isAsked = async () => expect(isOver || (await place.calls()) === QUESTIONS).toBe(true);
      await vi.waitFor(isAsked, { timeout: 60_000, interval: 10 });
      place.disk.leave(room);
      const { exitCode: status, stdout, stderr } = await pass;
      place.expectTold({ status, stdout: String(stdout), stderr: String(stderr) }, room);
      await place.expectToRecover(room, 2 * QUESTIONS);
    }
    place.tell('filled meanwhile');
  });

  test.each(isLong ? KNOWN_BEFOREHAND : KNOWN_BEFOREHAND.slice(0, 1))(
    'is known beforehand, and no agent is asked: %s',
    async (_, parts, room, sentence) => {
      const place = new Place(parts);
      await place.prepare();
      place.disk.leave(room);
      if (parts.includes('clone')) expect((await place.finalize('--dry-run')).stdout).toMatch(sentence);
      const pass = await place.finalize();
      place.expectTold(pass, room);
      expect(pass.status).toBe(3);
      expect(pass.stdout).toMatch(sentence);
      expect(await place.calls()).toBe(0);
      await place.expectToRecover(room, QUESTIONS);
    },
  );

  test.runIf(isLong)('is no matter where only the temporary folder has no room for bytes', async () => {
    const place = new Place(['tmp']);
    await place.prepare();
    place.disk.leave({ kilobytes: 0 });
    expect((await place.finalize()).status).toBe(0);
    await place.expectToRecover({ kilobytes: 0 }, QUESTIONS);
  });

  test.runIf(isLong)('keeps a recording in a cache from being completed, and nothing else', async () => {
    const place = new Place(['home']);
    for (const room of [...kilobytes(0, 4).slice(0, 4), ...files(0, 1).slice(0, 3)]) {
      await place.prepare();
      place.disk.leave(room);
      place.expectTold(await place.finalize(), room);
      await place.expectToRecover(room, QUESTIONS);
    }
  });
});

/** A ledger with its remote, a home with a cache and a `claude`, of which some parts lie on a small disk. */
class Place {
  readonly disk: SmallDisk = mountSmallDisk();
  readonly #folder = temporaryFolder();
  readonly #template = path.join(this.#folder, 'template');
  readonly #remote = path.join(this.#folder, 'remote.git');
  readonly #parts: readonly Part[];
  readonly #names: readonly string[];
  #before: Readonly<Record<string, string>> = {};
  #tally = { passes: 0, failed: 0, asked: 0 };
  readonly #sentences = new Set<string>();

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
    const { root, sessions } = createSampleLedger(this.#template, Date.now());
    gitIn(root, 'rm', '-r', '--quiet', ...LEFT_OUT.map((role) => `sessions/${sessions[role]}`));
    for (const role of LEFT_OUT) rmSync(path.join(root, 'sessions', sessions[role]), { recursive: true, force: true });
    gitIn(root, 'commit', '--quiet', '--amend', '--message', 'record sessions');
    gitIn(root, 'push', '--quiet', '--force');
    const cache = path.join(this.#template, 'home', 'cache');
    mkdirSync(cache, { recursive: true });
    renameSync(path.join(root, 'sessions', sessions.abandoned), path.join(cache, sessions.abandoned));
    renameSync(path.join(root, '.sageox/cache/sessions', sessions.cached), path.join(cache, sessions.cached));
    this.#names = (['unsummarised', 'missingOne', 'abandoned', 'cached'] as const).map((role) => sessions[role]).sort();
  }

  /** Everything anew, and room enough. */
  async prepare(scenario: StandInScenario = {}): Promise<void> {
    this.disk.makeRoom();
    for (const name of readdirSync(this.disk.folder)) rmSync(path.join(this.disk.folder, name), { recursive: true });
    for (const name of [this.#remote, this.#claudeFolder, path.join(this.#folder, 'beside')]) {
      rmSync(name, { recursive: true, force: true });
    }
    cpSync(path.join(this.#template, 'remote.git'), this.#remote, { recursive: true });
    cpSync(path.join(this.#template, 'sample-ledger'), this.#root, { recursive: true, preserveTimestamps: true });
    cpSync(path.join(this.#template, 'home'), this.#at('home'), { recursive: true, preserveTimestamps: true });
    mkdirSync(this.#at('tmp'), { recursive: true });
    gitIn(this.#root, 'remote', 'set-url', 'origin', this.#remote);
    await writeStandInClaude(this.#claudeFolder, scenario);
    this.#before = this.#recordings();
  }

  get options(): CliOptions {
    const env = { HOME: this.#at('home'), TMPDIR: this.#at('tmp'), AGENTWORK_SESSION_CACHE: this.#cache };
    return { cwd: this.#root, claudeFolder: this.#claudeFolder, env };
  }

  finalize(...words: readonly string[]): Promise<CliResult> {
    return runCli(['finalize', ...words], this.options);
  }

  async calls(): Promise<number> {
    return (await standInCalls(this.#claudeFolder)).length;
  }

  /** What a pass says of it. */
  expectTold({ status, stdout, stderr }: CliResult, room: Room): void {
    const said = `${stdout}\n${stderr}`;
    const what = `${JSON.stringify(room)}: ${said}`;
    this.#tally.passes += 1;
    expect(said, what).not.toMatch(/\n\s+at |this is a bug/);
    expect([0, 3], what).toContain(status);
    if (status === 0) return;
    this.#tally.failed += 1;
    const sentences = said.split('\n').filter((line) => /no space left on device|disk is full/i.test(line));
    expect(sentences, what).not.toEqual([]);
    for (const line of sentences) {
      expect(line, what).toContain(this.disk.folder);
      this.#sentences.add(line.replaceAll(this.disk.folder, '').replace(/[0-9a-f-]{12,36}|\d+m?s/g, '#'));
    }
    const after = this.#recordings();
    for (const [file, text] of Object.entries(this.#before)) expect(after[file], `${file}, ${what}`).toBe(text);
    expect(this.#halfWritten(), what).toEqual([]);
  }

  /** With room enough, one pass does what is left. */
  async expectToRecover(room: Room, mostCalls: number, ...words: readonly string[]): Promise<void> {
    const what = JSON.stringify(room);
    this.disk.makeRoom();
    await writeStandInAgain(this.#claudeFolder);
    const next = await this.finalize(...words);
    expect([next.status, next.stderr.match(/warning.*/g)], `${what}: ${next.stdout}${next.stderr}`).toEqual([0, null]);
    const asked = await this.calls();
    this.#tally.asked += asked;
    expect(asked, what).toBeLessThanOrEqual(mostCalls);
    const { finished, finishings, isLinear, claims } = outcomeOf({ remote: this.#remote });
    expect(finished, what).toEqual(expect.arrayContaining([...this.#names]));
    expect(new Set(finishings).size, `${what}: finished once`).toBe(finishings.length);
    expect([isLinear, claims], what).toEqual([true, 0]);
    expect(gitIn(this.#root, 'status', '--porcelain'), what).toBe('');
    expect(gitIn(this.#root, 'fsck', '--no-dangling', '--no-progress'), what).toBe('');
    const left = this.#files().filter((file) => /agentwork-tmp|\.lock$|takeover|agentwork-\d+-/.test(file));
    expect(left, what).toEqual([]);
    expect(this.#halfWritten(), what).toEqual([]);
  }

  tell(what: string): void {
    const { passes, failed, asked } = this.#tally;
    tellFigures(`full disk, ${what}`, { passes, failed, asked, sentences: this.#sentences.size });
  }

  get #root(): string {
    return path.join(this.#at('clone'), 'ledger');
  }

  get #cache(): string {
    return path.join(this.#at('home'), 'cache');
  }

  get #claudeFolder(): string {
    return path.join(this.#folder, 'claude-bin');
  }

  #at(part: Part): string {
    return path.join(this.#parts.includes(part) ? this.disk.folder : path.join(this.#folder, 'beside'), part);
  }

  #files(): readonly string[] {
    const parts = EVERYTHING.map((part) => this.#at(part));
    return parts.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name)),
    );
  }

  #recordings(): Readonly<Record<string, string>> {
    const recordings = this.#files().filter((file) => path.basename(file) === 'raw.jsonl');
    return Object.fromEntries(recordings.map((file) => [file, readFileSync(file, 'utf8')]));
  }

  /** Files of sessions, and the state, that bear the name of a whole one and are none. */
  #halfWritten(): readonly string[] {
    return this.#files().filter((file) => {
      const name = path.basename(file);
      const end = Object.entries(ENDS).find(([pattern]) => new RegExp(pattern).test(name))?.[1];
      return end !== undefined && !end.test(readFileSync(file, 'utf8'));
    });
  }
}

/** What a whole file ends with. */
const ENDS: Readonly<Record<string, RegExp>> = {
  '^(summary|meta|state)\\.json$': /^\{[\s\S]*\}\n$/,
  '^raw\\.jsonl$': /\}\n$/,
  '^session\\.html$': /<\/html>\n$/,
  '^(session|summary)\\.md$': /\S\n$/,
};

/** Without a delay, and counting on. */
async function writeStandInAgain(claudeFolder: string): Promise<void> {
  const calls = await standInCalls(claudeFolder);
  if (calls.length > 0) await writeStandInClaude(claudeFolder);
}
