/** What was looked at, how it is, and what mends it. */
export interface Finding {
  /** One word or two, the same each time. */
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'error';
  readonly says: string;
  /** A command, or a sentence. */
  readonly mend?: string;
}

export const ok = (check: string, says: string): Finding => ({ check, level: 'ok', says });
export const warning = (check: string, says: string, mend?: string): Finding => found('warning', check, says, mend);
export const error = (check: string, says: string, mend?: string): Finding => found('error', check, says, mend);

function found(level: Finding['level'], check: string, says: string, mend?: string): Finding {
  return { check, level, says, ...(mend !== undefined && { mend }) };
}
