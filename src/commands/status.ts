import { Args, Flags } from '@oclif/core';
import { BaseCommand, exitStatuses, fullFlag, JSON_VERSION } from '../base-command.ts';
import { systemClock } from '../clock.ts';
import { ExpectedError } from '../errors.ts';
import { openFile } from '../file-opener.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerPage } from '../ledger-page.ts';
import { readStatus } from '../status.ts';
import type { StatusDocument } from '../ui/documents.ts';
import { formatStatus } from '../ui/status-text.ts';

export default class Status extends BaseCommand {
  static override summary = 'Show what waits, what runs, what was done, and what is not pushed.';
  static override description =
    `Reads the state that passes leave and changes nothing. --html writes a page of all sessions instead, to sort, to filter and to search, and prints where it is: FILE, or one beside the state, which no commit takes.`;
  // Words too many come to us, so that they get our answer.
  static override strict = false;
  static override args = {
    file: Args.string({ description: 'where the page goes (with --html)', required: false, ignoreStdin: true }),
  };
  static override exitStatus = exitStatuses({ 3: 'the page cannot be written' });
  static override seeAlso = ['agentwork detect', 'agentwork setup check'];
  static override examples = [
    { description: 'At a glance', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'All sessions in the browser', command: '<%= config.bin %> <%= command.id %> --html --open' },
    { description: 'For machines', command: '<%= config.bin %> <%= command.id %> --json' },
  ];
  static override flags = {
    full: fullFlag,
    html: Flags.boolean({ description: 'write a page of all sessions and print its path' }),
    open: Flags.boolean({ description: 'show the page in the browser (with --html)' }),
  };

  async run(): Promise<StatusDocument | undefined> {
    const { flags, argv } = await this.parse(Status);
    if (flags.open && !flags.html) {
      const suggestions = ['agentwork status --html --open'];
      throw new ExpectedError('BAD_USAGE', '--open shows the page that --html writes', { suggestions });
    }
    this.refuseArguments(flags.html ? argv.slice(1) : argv, ['agentwork status --html FILE writes a page']);
    const { ledger, config, world } = await this.open(flags);
    const now = systemClock();
    const page = flags.html ? await writePage(ledger, argv[0] as string | undefined, now) : undefined;
    if (page && flags.open) await this.#show(page.file);
    this.answer(page?.file ?? '');
    // A look at what waits takes longer than the page, which says nothing of it.
    if (page && !this.jsonEnabled()) return undefined;
    const status = await readStatus(ledger, world, { ...this.lookOptions(config), isFull: flags.full });
    if (!page) this.answer(formatStatus(status, systemClock(), { columns: this.width, rows: this.height }));
    const written = page && { html: page.file, html_sessions: page.sessions, html_unreadable: page.unreadable };
    return { ...status, ...written, schema_version: JSON_VERSION };
  }

  /** The page is there, whether or not this machine can show it. */
  async #show(file: string): Promise<void> {
    const trouble = await openFile(file);
    if (trouble !== undefined) this.logToStderr(`warning: the page was not opened: ${trouble}`);
  }
}

async function writePage(ledger: Ledger, file: string | undefined, now: number): Promise<LedgerPage> {
  // All other looks do without what draws it.
  const { writeLedgerPage } = await import('../ledger-page.ts');
  return writeLedgerPage(ledger, file, now);
}
