import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { DAY_MS } from '../../src/clock.ts';
import { takeStragglers } from './crash.ts';
import { type Scene, SECRET, SECRET_GONE } from './crash-scene.ts';

const KEPT_MS = 30 * DAY_MS;

/** Line -> the places where it stands: `disk:<file>`, `trash:<since when>:<entry>` or `commit`. */
type Places = ReadonlyMap<string, ReadonlySet<string>>;

/** Remembers every entry that was ever recorded, and looks after each action whether all of them are still there. */
export class LossWatch {
  readonly #scene: Scene;
  /** Lines of recordings that have to stand somewhere. */
  readonly #owed = new Set<string>();
  /** Entry of the trash -> when it came. */
  readonly #arrivals = new Map<string, number>();
  /** Sessions whose agent called them worthless: the trash may be their last place. */
  readonly worthless = new Set<string>();
  /** Sessions whose agent did not want them shared: no commit is owed. */
  readonly unshared = new Set<string>();
  #places: Places = new Map();
  #guarded: ReadonlyMap<string, string> = new Map();
  #inPlace: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(scene: Scene) {
    this.#scene = scene;
    this.look();
  }

  /** Before an action of the tool: this is what there is. */
  look(): void {
    this.#places = this.#findPlaces();
    for (const [line, places] of this.#places) {
      if (isEntry(line) && [...places].some((place) => place.startsWith('disk:'))) this.#owed.add(line);
    }
    this.#guarded = this.#readGuarded();
    this.#inPlace = new Map(this.#rawFiles().map((file) => [file, linesOf(file)]));
  }

  /** After it: nothing is lost, nothing half written, nothing touched that lives. */
  expectNothingLost(what: string): void {
    const before = this.#places;
    const after = this.#findPlaces();
    const lost = [...this.#owed].flatMap((line) => this.#complaint(line, before, after));
    expect(lost, `lost by ${what}`).toEqual([]);
    expect(this.#guardedNow(), `touched by ${what}`).toEqual(Object.fromEntries(this.#guarded));
    expect(this.#shortened(), `shortened by ${what}`).toEqual([]);
    expect(this.#halfWritten(), `half written by ${what}`).toEqual([]);
    expect(takeStragglers(), `changed after the end of ${what}`).toEqual([]);
    expect(readdirIfThere(this.#scene.stateDir).filter((name) => name.includes('.broken'))).toEqual([]);
  }

  /** What killed passes left, and nobody will look at again. What lies in the trash goes with it. */
  leftovers(): string[] {
    const { root, home } = this.#scene;
    const isLeft = (file: string) => /agentwork-tmp(\/|$)|pass\.lock$/.test(file) && !file.includes('/trash/');
    return [root, home].flatMap(filesBelow).filter(isLeft);
  }

  /** Summaries in the tree that no commit has, although somebody was to share them. */
  uncommitted(): string[] {
    const sessions = path.join(this.#scene.root, 'sessions');
    const own = this.#scene.untouchables();
    const summaries = readdirIfThere(sessions).map((name) => path.join(sessions, name, 'summary.json'));
    const committed = this.#scene.vault.committed('summary.json');
    return summaries.filter((file) => {
      const raw = path.join(path.dirname(file), 'raw.jsonl');
      if (!existsSync(file) || !existsSync(raw) || own.includes(path.dirname(file))) return false;
      const isCommitted = committed.some((text) => text.includes(readFileSync(file, 'utf8').trimEnd()));
      return !isCommitted && !this.unshared.has(idIn(readFileSync(raw, 'utf8')));
    });
  }

  /** Entries of these sessions that no commit has, although somebody was to share them. */
  unpublished(ids: ReadonlySet<string>): string[] {
    const places = this.#findPlaces();
    const owed = [...this.#owed].filter((line) => ids.has(idIn(line)) && !this.unshared.has(idIn(line)));
    return owed.filter((line) => !placesOf(line, places).includes('commit'));
  }

  /** Without new files that others pushed: they come with the branch. */
  #guardedNow(): Readonly<Record<string, string>> {
    const isPushed = (file: string, text: string) =>
      this.#scene.vault.committed(path.basename(file)).some((committed) => committed.includes(text.trimEnd()));
    const now = [...this.#readGuarded()].filter(([file, text]) => this.#guarded.has(file) || !isPushed(file, text));
    return Object.fromEntries(now);
  }

  #complaint(line: string, before: Places, after: Places): string[] {
    const places = placesOf(line, after);
    if (places.length === 0) return this.#isExpired(line, before) ? this.#letGo(line) : [`${line} is nowhere`];
    const isOnlyInTrash = places.every((place) => place.startsWith('trash:'));
    if (isOnlyInTrash && !this.#mayBeTrash(line)) return [`${line} is only in the trash: ${places}`];
    const [original, then] = [after.get(line), before.get(line)];
    if (original || !line.includes(SECRET) || !then) return [];
    // Its redacted copy is there; the original may go 30 days after it was put away.
    return this.#areExpired(then) ? [] : [`the original of ${line} is nowhere; it was in ${[...then]}`];
  }

  #letGo(line: string): string[] {
    this.#owed.delete(line);
    return this.#mayBeTrash(line) ? [] : [`${line} was deleted with the trash, and nobody judged it worthless`];
  }

  #isExpired(line: string, before: Places): boolean {
    const places = placesOf(line, before);
    return places.length > 0 && this.#areExpired(new Set(places));
  }

  #areExpired(places: ReadonlySet<string>): boolean {
    return [...places].every((place) => this.#scene.now - Number(/^trash:(\d+):/.exec(place)?.[1]) > KEPT_MS);
  }

  /** Of an append that was never confirmed, the transcript has what is cut off. */
  #mayBeTrash(line: string): boolean {
    const id = idIn(line);
    const kind = this.#scene.players.find((player) => player.id === id)?.kind;
    return this.worthless.has(id) || kind === 'cut';
  }

  #findPlaces(): Places {
    const places = new Map<string, Set<string>>();
    const put = (text: string, place: string) => {
      for (const line of text.split('\n')) places.set(line, (places.get(line) ?? new Set()).add(place));
    };
    for (const file of this.#rawFiles()) put(readFileSync(file, 'utf8'), `disk:${file}`);
    for (const text of this.#scene.vault.committed('raw.jsonl')) put(text, 'commit');
    const trash = path.join(this.#scene.stateDir, 'trash');
    const entries = readdirIfThere(trash).filter((name) => name !== '.origins');
    for (const entry of this.#arrivals.keys()) if (!entries.includes(entry)) this.#arrivals.delete(entry);
    for (const entry of entries) {
      const arrival = this.#arrivals.get(entry) ?? this.#scene.now;
      this.#arrivals.set(entry, arrival);
      const files = filesBelow(path.join(trash, entry)).filter(isRecording);
      for (const file of files) put(readFileSync(file, 'utf8'), `trash:${arrival}:${entry}`);
    }
    return places;
  }

  #sessionFolders(): string[] {
    return [path.join(this.#scene.root, 'sessions'), ...this.#scene.caches];
  }

  #rawFiles(): string[] {
    return this.#sessionFolders()
      .flatMap(filesBelow)
      .filter((file) => path.basename(file) === 'raw.jsonl');
  }

  #readGuarded(): ReadonlyMap<string, string> {
    // A pass that was killed before somebody recorded here again may have left something of its own.
    const files = this.#scene
      .untouchables()
      .flatMap(filesBelow)
      .filter((file) => !file.endsWith('.agentwork-tmp'));
    return new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
  }

  /** Recordings that lie where they lay, and have lost a line. */
  #shortened(): string[] {
    return [...this.#inPlace].flatMap(([file, before]) => {
      if (!existsSync(file)) return [];
      const after = new Set(linesOf(file));
      const gone = before.filter((line) => isEntry(line) && !sameAs(line).some((same) => after.has(same)));
      return gone.filter((line) => !this.#isCut(line)).map((line) => `${file}: ${line}`);
    });
  }

  #isCut(line: string): boolean {
    return this.#scene.players.some(({ id, kind }) => kind === 'cut' && id === idIn(line));
  }

  #halfWritten(): string[] {
    const trash = path.join(this.#scene.stateDir, 'trash');
    const files = [...this.#sessionFolders(), trash].flatMap(filesBelow);
    return files.filter((file) => {
      const text = readFileSync(file, 'utf8');
      if (this.#inPlace.get(file)?.join('\n') === text) return false;
      if (/(^|\/)(summary|meta)\.json$/.test(file)) return !isJson(text);
      if (!isRecording(file)) return false;
      return (
        !text.endsWith('\n') || text.split('\n').some((line) => line !== '' && !isJson(line) && !this.#owed.has(line))
      );
    });
  }
}

function placesOf(line: string, places: Places): string[] {
  return sameAs(line).flatMap((same) => [...(places.get(same) ?? [])]);
}

/** A line is there without its secret, too, or with it: others may have pushed it as it was. */
function sameAs(line: string): string[] {
  return [...new Set([line, line.replaceAll(SECRET, SECRET_GONE), line.replaceAll(SECRET_GONE, SECRET)])];
}

/** By its own name, or as an original in the trash is called; what is in the making, and what is told of it, are none. */
const isRecording = (file: string) => /raw\.jsonl(\.\d+)?$/.test(file);

const isEntry = (line: string) => line.includes('ENTRY-');

export function idIn(text: string): string {
  return /ENTRY-(\w+?)-/.exec(text)?.[1] ?? '';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function linesOf(file: string): readonly string[] {
  return readFileSync(file, 'utf8').split('\n');
}

function filesBelow(file: string): string[] {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isDirectory()) return stat.isFile() ? [file] : [];
  return readdirSync(file).flatMap((name) => filesBelow(path.join(file, name)));
}

function readdirIfThere(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
