import { defined, isObject, stringAt } from './json-object.ts';
import { lineCount, shortLine } from './plain-text.ts';
import type { FileChange } from './summary.ts';
import { filePath, isEdit, type ToolCall } from './tool-call.ts';

const MAX_PATHS = 500;
const MAX_PENDING = 1000;
const PATH_MAX = 500;

/** Lines that one call put into a file, and lines that it took out. */
export interface Change {
  readonly path: string;
  readonly added: number;
  readonly removed: number;
  readonly action?: FileChange['action'];
}

/** Sums what the edits of a session changed. An edit counts unless the result of the same call was an error. */
export class FileChangeCollector {
  readonly #sums = new Map<string, Omit<Change, 'path'>>();
  readonly #pending = new Map<string, readonly Change[]>();

  addCall(call: ToolCall, callId: string | undefined): void {
    if (!isEdit(call)) return;
    const changes = changesOf(call);
    if (callId === undefined) this.#sum(changes);
    if (callId !== undefined) this.#pending.set(callId, changes);
    if (this.#pending.size > MAX_PENDING) this.#settleOldest();
  }

  addResult(callId: string | undefined, failed: boolean, output = ''): void {
    const changes = callId === undefined ? undefined : this.#pending.get(callId);
    if (callId === undefined || changes === undefined) return;
    this.#pending.delete(callId);
    if (!failed) this.#sum(isCreation(output) ? changes.map((change) => ({ ...change, action: 'created' })) : changes);
  }

  /** All changes by path. Calls that never got a result count: the recording may have ended before it. */
  finish(): readonly FileChange[] {
    for (const changes of this.#pending.values()) this.#sum(changes);
    this.#pending.clear();
    return [...this.#sums]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, { added, removed, action }]) =>
        defined({ path, added, removed: removed === 0 ? undefined : removed, action }),
      );
  }

  #settleOldest(): void {
    const [oldest] = this.#pending.keys();
    this.addResult(oldest, false);
  }

  #sum(changes: readonly Change[]): void {
    for (const change of changes) {
      const before = this.#sums.get(change.path);
      if (before === undefined && this.#sums.size >= MAX_PATHS) continue;
      this.#sums.set(change.path, before === undefined ? change : plus(before, change));
    }
  }
}

/** A file is new that was created before anything else was done to it; one that was deleted may come back, but not as new. */
function plus(before: Omit<Change, 'path'>, { added, removed, action }: Change): Omit<Change, 'path'> {
  const isCreated = before.action === 'created' && action !== 'deleted';
  return defined({
    added: before.added + added,
    removed: before.removed + removed,
    action: isCreated ? 'created' : action === 'deleted' ? action : undefined,
  });
}

/** Whether a tool says at once that the file which it wrote was not there before. */
const isCreation = (output: string): boolean =>
  /^\s*(?:New file created|File created|(?:Successfully )?created (?:and wrote to )?new file)\b/i.test(
    output.slice(0, 200),
  );

/** What an edit was to change, file by file; nothing for any other call. */
export function changesOf(call: ToolCall): readonly Change[] {
  if (!isEdit(call)) return [];
  const patch = patchText(call);
  if (patch !== undefined) return patchChanges(patch).slice(0, MAX_PATHS);
  const path = filePath(call);
  if (path === undefined) return [];
  const replacements = replacementsOf(call);
  const added = sum(replacements.map(({ after }) => lineCount(after)));
  const removed = sum(replacements.map(({ before }) => lineCount(before)));
  return [{ path: shortLine(path, PATH_MAX), added, removed }];
}

/** How many lines all of these put in and took out. */
export function totalChange(changes: readonly Pick<FileChange, 'added' | 'removed'>[]) {
  return { added: sum(changes.map(({ added }) => added)), removed: sum(changes.map(({ removed = 0 }) => removed)) };
}

/** Text that an edit put in the place of another one. */
export interface Replacement {
  readonly before: string;
  readonly after: string;
}

/** What an edit that is no patch replaced, in order; a file that is written as a whole replaces nothing. */
export function replacementsOf(call: ToolCall): readonly Replacement[] {
  if (!isEdit(call)) return [];
  const edits = Array.isArray(call.input.edits) ? call.input.edits.filter(isObject) : [call.input];
  return edits.map((edit) => ({ before: stringAt(edit, ...OLD_TEXT) ?? '', after: stringAt(edit, ...NEW_TEXT) ?? '' }));
}

const OLD_TEXT = ['old_string', 'old_str', 'oldString'];
const NEW_TEXT = ['new_string', 'new_str', 'newString', 'content', 'contents', 'file_text', 'new_source', 'code_edit'];

/** The arguments that a diff shows: each by its name, or as a patch. */
export function isEditArgument([name, value]: readonly [string, unknown]): boolean {
  const isPatch = typeof value === 'string' && value.includes('*** Begin Patch');
  return name === 'edits' || OLD_TEXT.includes(name) || NEW_TEXT.includes(name) || isPatch;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** A patch may be the whole input, one of its fields, or an argument of a shell call. */
export function patchText(call: ToolCall): string | undefined {
  const { command } = call.input;
  const candidates: readonly unknown[] = Array.isArray(command) ? command : Object.values(call.input);
  return [...candidates, call.text].find(
    (text): text is string => typeof text === 'string' && text.includes('*** Begin Patch'),
  );
}

const PATCH_ACTIONS: Readonly<Record<string, FileChange['action']>> = { Add: 'created', Delete: 'deleted' };

function patchChanges(patch: string): readonly Change[] {
  const changes: Change[] = [];
  for (const line of patch.split('\n')) {
    const [, verb = '', path] = /^\*\*\* (Add|Update|Delete) File: (.+)$/.exec(line) ?? [];
    const action = PATCH_ACTIONS[verb];
    if (path !== undefined)
      changes.push({ path: shortLine(path, PATH_MAX), added: 0, removed: 0, ...(action && { action }) });
    const current = changes.pop();
    if (current === undefined) continue;
    const [added, removed] = [Number(line.startsWith('+')), Number(line.startsWith('-'))];
    changes.push({ ...current, added: current.added + added, removed: current.removed + removed });
  }
  return changes;
}
