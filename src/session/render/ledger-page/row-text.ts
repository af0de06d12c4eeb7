import { cutText, detached } from '../../plain-text.ts';
import type { RedactionPolicy } from '../../redaction/policy.ts';
import { createRedactor } from '../../redaction/redactor.ts';
import { visibleText } from '../escape.ts';

/** Words of files that nobody vouches for, as one line of a list can show them: visible, short, without secrets. */
export interface RowText {
  /** The beginning. */
  words(text: string, max: number): string;
  /** The end: it tells more of a path than its beginning. */
  path(text: string): string;
}

const LONGEST_PATH = 160;
/** Where looking for secrets ends: what lies beyond is never shown. */
const LONGEST_LOOK = 10_000;

/** Paths are cleaned once, however many sessions changed the same file. */
export function rowText(policy: RedactionPolicy): RowText {
  const redactor = createRedactor(policy);
  const paths = new Map<string, string>();
  // A secret is known only while it is whole: what is cut is cut afterwards.
  const whole = (text: string) =>
    visibleText(redactor.text(text.slice(0, LONGEST_LOOK)))
      .replace(/\s+/g, ' ')
      .trim();
  return {
    words: (text, max) => headOf(whole(text), max),
    path: (text) => {
      const end = paths.get(text) ?? endOf(whole(text));
      paths.set(text, end);
      return end;
    },
  };
}

/** By itself: a cut string would keep the whole of it alive. */
function headOf(text: string, max: number): string {
  return text.length > max ? detached(cutText(text, max)) : text;
}

function endOf(path: string): string {
  if (path.length <= LONGEST_PATH) return path;
  return detached(`…${path.slice(1 - LONGEST_PATH).replace(/^[\udc00-\udfff]/, '')}`);
}
