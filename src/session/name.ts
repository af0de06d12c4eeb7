import { defined } from './json-object.ts';
import { BUILT_IN } from './redaction/policy.ts';
import { createRedactor } from './redaction/redactor.ts';

/** What a session's folder name tells: `2026-01-06T14-32-ryan-Ox7f3a`. */
export interface SessionNameParts {
  /** `2026-01-06T14:32`, wall-clock time of the recording machine, whose zone nobody wrote down. */
  readonly startedAtLocal?: string;
  readonly username?: string;
  readonly agentId?: string;
}

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-/;
const MAX_NAME_LENGTH = 255;

/** Parsed from both ends, because a user name may itself hold dashes. */
export function parseSessionName(name: string): SessionNameParts {
  const stamp = TIMESTAMP.exec(name);
  if (!stamp) return {};
  const rest = name.slice(stamp[0].length);
  const lastDash = rest.lastIndexOf('-');
  return defined({
    startedAtLocal: `${stamp[1]}T${stamp[2]}:${stamp[3]}`,
    username: lastDash > 0 ? rest.slice(0, lastDash) : undefined,
    agentId: rest.slice(lastDash + 1) || undefined,
  });
}

/** Controls, separators of lines, and what turns the direction of a text. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/** Nobody sees these, so that two names look like one. Joiners and selectors are part of how scripts and emoji are written. */
const INVISIBLE = /(?!\u200c|\u200d|\ufe0e|\ufe0f)\p{Default_Ignorable_Code_Point}/u;
/** `.git` in every spelling that some file system takes for it, and the files that git reads wherever they lie. */
const OF_GIT = /^(?:(?:\.git|git~\d+)[. ]*(?::.*)?|\.git(?:attributes|ignore|modules))$/;

/**
 * Why a folder's name cannot be a session's; undefined when it can. Such a name could leave the tree, pass for another
 * one, or fool a terminal.
 */
export function unsafeNameReason(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'the name is no name';
  if (/[/\\]/.test(name)) return 'the name holds a path separator';
  if (CONTROLS.test(name)) return 'the name holds control characters';
  if (INVISIBLE.test(name)) return 'the name holds invisible characters';
  // What cannot be decoded is read as this sign, and no path leads there.
  if (name.includes('\ufffd')) return 'the name is not UTF-8';
  if (OF_GIT.test(name.replace(/\p{Default_Ignorable_Code_Point}/gu, '').toLowerCase())) return 'the name is git’s own';
  if (name.startsWith('-')) return 'the name starts with a dash';
  if (name.length > MAX_NAME_LENGTH) return 'the name is too long';
  return undefined;
}

/** A folder's name as it may be shown, and why no session is taken from it, if so. */
export interface JudgedName {
  readonly shown: string;
  readonly refusal?: string;
}

/**
 * What recorders call a session of somebody whose name is of letters. It has no room for a secret; and where all are
 * called so, a look does without the search for secrets, which takes longer to make ready than all else.
 */
const USUAL = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-[a-z]{1,16}-Ox[\da-z]{4,6}$/i;

/**
 * Judges the name of a folder that may be a session's. One that holds a secret would carry it into paths, commit
 * messages and claims, where nothing can be replaced: such a session is left to whoever can rename it.
 */
export function judgeName(name: string): JudgedName {
  if (USUAL.test(name)) return { shown: name };
  const shown = createRedactor(BUILT_IN).text(name);
  const refusal =
    unsafeNameReason(name) ??
    (shown === name ? undefined : 'the name holds a secret: whoever made the folder can rename it');
  return { shown, ...(refusal !== undefined && { refusal }) };
}
