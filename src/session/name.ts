import { defined } from './json-object.ts';

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

/** Why a folder's name cannot be a session's; undefined when it can. Such a name could leave the tree, or fool a terminal. */
export function unsafeNameReason(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'the name is no name';
  if (/[/\\]/.test(name)) return 'the name holds a path separator';
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/.test(name))
    return 'the name holds control characters';
  if (name.startsWith('-')) return 'the name starts with a dash';
  if (name.length > MAX_NAME_LENGTH) return 'the name is too long';
  return undefined;
}
