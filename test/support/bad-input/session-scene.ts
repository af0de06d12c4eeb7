import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { ExpectedError } from '../../../src/errors.ts';
import { explainSession } from '../../../src/explanation.ts';
import { listStoredSessions, readStoredSession } from '../../../src/ledger/stored-sessions.ts';
import { BUILT_IN } from '../../../src/session/redaction/policy.ts';
import { renderLedgerHtml } from '../../../src/session/render/ledger-page/ledger-page.ts';
import { limitsFor, rowBuilder } from '../../../src/session/render/ledger-page/session-row.ts';
import { SessionFinalizeHandler, type SessionFinalizeOptions } from '../../../src/session-finalize.ts';
import { completeItem } from '../../../src/work/queue.ts';
import { writeFiles } from '../temporary-folder.ts';
import { LURE } from './odd-json.ts';

export const NAME = '2026-03-06T10-00-ryan-Ox7f3a';
export const START = Date.parse('2026-03-06T10:00:00Z');
/** Later than any file of today has changed. */
export const NOW = Date.parse('2036-03-06T10:00:00Z');
/** No process has it. */
export const NO_PID = 2 ** 22 + 1;
/** Stands in recordings, and in nothing that is made of them. */
export const SECRET = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');
/** Stands beside the ledger, where nothing is to be read. */
const CANARY = 'the canary sings at dawn';

/** What lies in a file's place, by the length of what would stand in it: mostly a file. */
const FORMS: Readonly<Record<number, 'folder' | 'link' | 'pipe' | 'nothing' | 'dangling'>> = {
  ...{ 77: 'folder', 78: 'link', 79: 'pipe', 80: 'nothing', 81: 'dangling' },
};
/** One in a few is finished as a pass would finish it; all are looked at. */
export const FINISHED_ONE_IN = 3;

/** A ledger without git with one session, one file of which is bad. */
export class SessionScene {
  readonly root: string;
  readonly #folder: string;
  readonly #beside: string;

  constructor(place: string) {
    this.root = path.join(place, 'ledger');
    this.#folder = path.join(this.root, 'sessions', NAME);
    this.#beside = path.join(place, 'beside');
    mkdirSync(this.#beside, { recursive: true });
    writeFileSync(path.join(this.#beside, 'own.jsonl'), `{"type":"user","content":"${CANARY}"}\n`);
    execFileSync('mkfifo', [path.join(this.#beside, 'pipe')]);
  }

  get projects(): string {
    return path.join(this.#beside, 'projects');
  }

  /** The session anew, with these files, and with the bytes in the place of one of them. */
  async read(files: Readonly<Record<string, string | Buffer>>, bad: string, bytes: Buffer): Promise<unknown> {
    rmSync(this.#folder, { recursive: true, force: true });
    writeFiles(this.#folder, files);
    const file = path.resolve(this.#folder, bad);
    const form = this.#place(file, bytes);
    const isFinished = bytes.length % FINISHED_ONE_IN === 0 || form !== undefined;
    const told = await this.#readSession({}, isFinished);
    const all = JSON.stringify([told, this.#page()]);
    if (all.includes(CANARY) || all.includes(SECRET)) throw new Error('what nobody is to read was told');
    this.#expectHarmless(this.#page());
    const raw = files['raw.jsonl'];
    const isKept = raw !== undefined && bad !== 'raw.jsonl' && !('.recording.json' in files);
    if (isKept) expect(readFileSync(path.join(this.#folder, 'raw.jsonl'), 'utf8') === String(raw)).toBe(true);
    return told;
  }

  /** A session that is as it should be, read by a handler with these options. */
  async readWith(raw: string, options: SessionFinalizeOptions, isFinished: boolean): Promise<unknown> {
    rmSync(this.#folder, { recursive: true, force: true });
    writeFiles(this.#folder, { 'raw.jsonl': raw });
    return this.#readSession(options, isFinished);
  }

  async #readSession(options: SessionFinalizeOptions, isFinished: boolean): Promise<unknown> {
    const agentFolders = { claudeProjects: this.projects, codexSessions: path.join(this.#beside, 'codex') };
    const handler = new SessionFinalizeHandler({ agent: 'claude', agentFolders, clock: () => NOW, ...options });
    const judged = await handler.finder.survey(this.root);
    const told: unknown[] = judged.map((found) => explainSession(found, NOW));
    told.push(this.#ledgerPage());
    for (const found of isFinished ? handler.finder.selectWork(judged) : []) {
      const item = completeItem(handler.finder.workItem(found, this.root), NOW);
      try {
        const request = await handler.buildPrompt(item);
        const done = request
          ? handler.giveUp(item, new Error('no agent was asked'))
          : handler.processResult(item, null);
        told.push(request, await done);
      } catch (error) {
        if (!(error instanceof ExpectedError)) throw error;
        expect(error.message).toContain(NAME);
        told.push(error.message);
      }
    }
    return told;
  }

  #ledgerPage(): string {
    const sessions = path.join(this.root, 'sessions');
    const build = rowBuilder(limitsFor(1), BUILT_IN);
    const rows = listStoredSessions(sessions).flatMap((entry) => {
      const stored = readStoredSession(sessions, entry);
      return stored ? [build(stored)] : [];
    });
    const page = [...renderLedgerHtml({ ledger: 'ledger', rows, base: 'sessions/', now: NOW })].join('');
    expect(page.includes(LURE)).toBe(false);
    return page;
  }

  #place(file: string, bytes: Buffer) {
    const form = FORMS[bytes.length % 256];
    rmSync(file, { recursive: true, force: true });
    mkdirSync(path.dirname(file), { recursive: true });
    if (form === 'folder') mkdirSync(file);
    else if (form === 'link') symlinkSync(path.join(this.#beside, 'own.jsonl'), file);
    else if (form === 'pipe') linkSync(path.join(this.#beside, 'pipe'), file);
    else if (form === 'dangling') symlinkSync(path.join(this.#beside, 'made', 'by', 'nobody'), file);
    else if (form === undefined) writeFileSync(file, bytes);
    return form;
  }

  #page(): string | undefined {
    return textIfThere(path.join(this.#folder, 'session.html'));
  }

  #expectHarmless(page: string | undefined): void {
    if (page === undefined) return;
    expect(page.includes(LURE)).toBe(false);
    // Its own.
    expect(page.match(/<script/g)).toHaveLength(1);
  }
}

function textIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // It was not to be finished, or could not be.
  }
}
