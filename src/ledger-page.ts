import { writeFileAtomic } from './ledger/atomic-file.ts';
import type { Ledger } from './ledger/ledger.ts';
import { choosePageFile, linkBase } from './ledger/page-file.ts';
import { listStoredSessions, readStoredSession } from './ledger/stored-sessions.ts';
import { renderLedgerHtml } from './session/render/ledger-page/ledger-page.ts';
import { compareRows, limitsFor, rowBuilder, type SessionRow } from './session/render/ledger-page/session-row.ts';

/** The page that was written. */
export interface LedgerPage {
  readonly file: string;
  readonly sessions: number;
  /** Of them, those whose summary is there and cannot be read. */
  readonly unreadable: number;
}

/**
 * Writes the page of all sessions, of their small files alone, and changes nothing else. Of each session no more is
 * held than the page needs. Throws BAD_USAGE for a place where it cannot go, UNREADABLE, and UNWRITABLE.
 */
export async function writeLedgerPage(ledger: Ledger, named: string | undefined, now: number): Promise<LedgerPage> {
  const file = await choosePageFile(ledger, named);
  const rows = readRows(ledger);
  const document = { ledger: ledger.repoId, rows, base: linkBase(ledger, file), now };
  // It goes anywhere, and says of every session what it was about: who is to see it is the user's to say.
  await writeFileAtomic(file, renderLedgerHtml(document), { mode: 0o600 });
  return { file, sessions: rows.length, unreadable: rows.filter(({ state }) => state === 'unreadable').length };
}

function readRows({ sessionsDir, redaction }: Ledger): readonly SessionRow[] {
  const entries = listStoredSessions(sessionsDir);
  const build = rowBuilder(limitsFor(entries.length), redaction.general);
  const rows = entries.map((entry) => {
    const session = readStoredSession(sessionsDir, entry);
    return session && build(session);
  });
  return rows.filter((row) => row !== undefined).sort(compareRows);
}
