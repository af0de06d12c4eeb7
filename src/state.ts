import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { ExpectedError, messageOf } from './errors.ts';
import { writeFileAtomic } from './ledger/atomic-file.ts';
import type { SessionMemory } from './ledger/recording-stamp.ts';
import { makeOwnFolder } from './own-folder.ts';
import { isSameInput, type PaidAnswer } from './paid-answer.ts';
import { readIfThere } from './regular-file.ts';
import type { InputDigest } from './session/summary.ts';
import { EMPTY_STATE, formatState, NewerStateError, parseState, type State } from './state-format.ts';

/** Answers that were paid for stand in it; no clone has so many sessions that it is larger. */
const MAX_STATE_BYTES = 256 * 1024 * 1024;

/** More than any pass leaves uncommitted. */
const MAX_ANSWERS = 10_000;

/** The state as it lies on disk; a broken one reads as empty, with a sentence that says so. Throws UNREADABLE. */
export function readState(stateDir: string): { state: State; warning?: string } {
  const file = statePath(stateDir);
  const text = readIfThere(file, MAX_STATE_BYTES)?.toString('utf8');
  if (text === undefined) return { state: EMPTY_STATE };
  try {
    return { state: parseState(text) };
  } catch (error) {
    if (error instanceof NewerStateError) {
      throw new ExpectedError('UNREADABLE', `${file} ${error.message}`, {
        suggestions: ['update agentwork: that file knows what was paid for and given up'],
        cause: error,
      });
    }
    return { state: EMPTY_STATE, warning: `${file} ${messageOf(error)}: starting from an empty one` };
  }
}

/** What is remembered of a session; nothing for a folder that is merely called `constructor`. */
export function memoryOf(state: State, session: string): SessionMemory | undefined {
  return Object.hasOwn(state.sessions, session) ? state.sessions[session] : undefined;
}

/** The state of a running pass: changed in memory, saved whole, one save at a time. */
export class StateStore {
  readonly #stateDir: string;
  #state: State;
  /** As it lies on disk, as far as this store has written it. */
  #saved: State;
  /** The text of it; undefined before the first save. */
  #savedText: string | undefined;
  #saving: Promise<void> | undefined;
  #isOurs: () => boolean = () => true;
  #freshest: () => Partial<State> = () => ({});

  private constructor(stateDir: string, state: State) {
    this.#stateDir = stateDir;
    this.#state = state;
    this.#saved = state;
  }

  /** Opens the state for a pass that holds the lock. What cannot be used is set aside, never overwritten. */
  static async open(stateDir: string): Promise<{ store: StateStore; warning?: string }> {
    makeOwnFolder(stateDir);
    const { state, warning } = readState(stateDir);
    if (warning === undefined) return { store: new StateStore(stateDir, state) };
    const aside = freeName(`${statePath(stateDir)}.broken`);
    await rename(statePath(stateDir), aside);
    return { store: new StateStore(stateDir, state), warning: `${warning} (the old one is ${aside})` };
  }

  /** The state as it is, for looking only: nothing is made, nothing set aside. */
  static peek(stateDir: string): { store: StateStore; warning?: string } {
    const { state, warning } = readState(stateDir);
    return { store: new StateStore(stateDir, state), ...(warning !== undefined && { warning }) };
  }

  get state(): State {
    return this.#state;
  }

  /** A pass whose lock was taken over keeps what it knows to itself: the state is another's now. */
  writeOnlyWhile(isOurs: () => boolean): void {
    this.#isOurs = isOurs;
  }

  /** What is asked for before each save: figures that change all the time belong to no save of their own. */
  includeInEachSave(freshest: () => Partial<State>): void {
    this.#freshest = freshest;
  }

  update(change: Partial<State>): void {
    const keys = Object.keys(change) as (keyof State)[];
    if (keys.every((key) => change[key] === this.#state[key])) return;
    this.#state = { ...this.#state, ...change };
  }

  remember(session: string, memory: SessionMemory): void {
    this.update({ sessions: { ...this.#state.sessions, [session]: memory } });
  }

  forget(session: string): void {
    if (!Object.hasOwn(this.#state.sessions, session)) return;
    const { [session]: _, ...sessions } = this.#state.sessions;
    this.update({ sessions });
  }

  keepAnswer(answer: PaidAnswer): void {
    const { session, inputs } = answer;
    const isOf = (each: PaidAnswer) => each.session === session && isSameInput(each.inputs, inputs);
    const others = this.#state.answers.filter((each) => !isOf(each));
    // Of sessions that are deleted nobody ever takes them.
    this.update({ answers: [...others, answer].slice(-MAX_ANSWERS) });
  }

  /** Answers about so many entries of a session are about the same ones still, which were cleaned. */
  answersBecame(session: string, { sha256, entries }: InputDigest): void {
    const isOf = (answer: PaidAnswer) => answer.session === session && answer.entries === entries;
    const others = this.#state.answers.filter((answer) => !isOf(answer));
    const latest = this.#state.answers.findLast(isOf);
    if (latest) this.update({ answers: [...others, { ...latest, inputs: [...latest.inputs, sha256] }] });
  }

  /** What was paid for these sessions is safe, or of no use any more. */
  dropAnswers(sessions: readonly string[]): void {
    const done = new Set(sessions);
    const answers = this.#state.answers.filter(({ session }) => !done.has(session));
    if (answers.length < this.#state.answers.length) this.update({ answers });
  }

  /** Before the first file of a session is written: after a kill it is known which sessions may not be committed. */
  async enterJournal(session: string): Promise<void> {
    if (this.#state.journal.includes(session)) return;
    this.update({ journal: [...this.#state.journal, session] });
    await this.save();
  }

  /** What was begun for these sessions is committed. */
  async leaveJournal(sessions: readonly string[]): Promise<void> {
    const done = new Set(sessions);
    this.update({ journal: this.#state.journal.filter((session) => !done.has(session)) });
    await this.save();
  }

  /** Resolves when everything changed so far is on disk; calls that come during a save share the next one. */
  async save(): Promise<void> {
    while (this.#saving) await this.#saving;
    this.update(this.#freshest());
    const state = this.#state;
    if (state === this.#saved || !this.#isOurs()) return;
    const text = formatState(state);
    if (text === this.#savedText) return;
    this.#saving = writeFileAtomic(statePath(this.#stateDir), text, { mode: 0o600 });
    try {
      await this.#saving;
      this.#saved = state;
      this.#savedText = text;
    } finally {
      this.#saving = undefined;
    }
  }
}

function statePath(stateDir: string): string {
  return path.join(stateDir, 'state.json');
}

function freeName(base: string): string {
  for (let number = 1; ; number += 1) {
    if (!existsSync(`${base}-${number}`)) return `${base}-${number}`;
  }
}
