import { exitStatuses } from '../../base-command.ts';
import { type ErrorCode, EXIT_STATUS, ExpectedError } from '../../errors.ts';
import { recorderCache } from '../../ledger/caches.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Change } from '../../setup/change.ts';
import { findHookFolder, planHookRemoval } from '../../setup/git-hook.ts';
import { formerRoots, planNoteRemoval } from '../../setup/note.ts';
import { planRecorderRemoval } from '../../setup/recorder.ts';
import { recorderPlaces } from '../../setup/recorder-note.ts';
import type { Timer } from '../../setup/timer.ts';
import { readTimerNote } from '../../setup/timer-note.ts';
import { openTimers } from '../../setup/timers.ts';
import { dryRunFlag, SetupCommand } from '../../setup-command.ts';
import type { ChangesDocument } from '../../ui/documents.ts';
import { formatWarning } from '../../ui/failure-text.ts';

export default class SetupRemove extends SetupCommand {
  static override summary = 'Take away all that setup wrote for this ledger.';
  static override description =
    `The lines in hooks and crontab go, units of systemd and agents of launchd, and the hook in the settings of Claude Code; what others wrote there stays as it was.`;
  static override strict = false;
  static override exitStatus = exitStatuses({ 3: 'something cannot be written' });
  static override seeAlso = ['agentwork setup check'];
  static override examples = [
    { description: 'What would go', command: '<%= config.bin %> <%= command.id %> --dry-run' },
    { description: 'Take it away', command: '<%= config.bin %> <%= command.id %>' },
  ];
  static override flags = { 'dry-run': dryRunFlag };

  readonly #troubles: string[] = [];

  async run(): Promise<ChangesDocument> {
    const { flags, argv } = await this.parse(SetupRemove);
    this.refuseArguments(argv);
    const { ledger, world } = await this.open(flags);
    const { environment } = world;
    const changes = [
      ...(await this.#plan(async () => planHookRemoval(await findHookFolder(ledger)), 'BAD_CONFIG')),
      ...(await this.#planRecorder(ledger, environment)),
      // Last: one that does not answer keeps what is its own, and the note of it.
      ...(await this.#planTimers(ledger, environment)),
    ];
    const removals = changes.map((change): Change => ({ ...change, isRemoval: true }));
    const told = await this.make(removals, flags['dry-run']);
    for (const message of this.#troubles) this.logToStderr(formatWarning(message));
    if (this.#troubles.length > 0) await this.exitWith(EXIT_STATUS.PARTIAL);
    return { ...told, ...(this.#troubles.length > 0 && { troubles: this.#troubles }) };
  }

  /** Also where another login has set it up. */
  async #planRecorder(ledger: Ledger, environment: NodeJS.ProcessEnv): Promise<readonly Change[]> {
    const { settings, caches } = recorderPlaces(ledger, recorderCache(ledger), environment);
    return this.#planAll(
      settings.map((file) => async () => planRecorderRemoval(file, caches)),
      async () => planNoteRemoval(ledger, 'recorder'),
    );
  }

  async #planTimers(ledger: Ledger, environment: NodeJS.ProcessEnv): Promise<readonly Change[]> {
    const timers = Object.values(openTimers(ledger.root, environment, formerRoots(ledger)));
    const note = readTimerNote(ledger);
    const plan = (timer: Timer) => async () => {
      // What was set up there, and cannot be looked at, is there still.
      if (timer.kind === note?.with) timer.require();
      return timer.planRemoval();
    };
    return this.#planAll(timers.map(plan), async () => planNoteRemoval(ledger, 'timer'));
  }

  /** What could not be taken out is looked for once more by the next one: `last` is planned where all else could be. */
  async #planAll(plans: readonly Plan[], last: Plan): Promise<readonly Change[]> {
    const before = this.#troubles.length;
    const changes = (await Promise.all(plans.map((plan) => this.#plan(plan)))).flat();
    return this.#troubles.length > before ? changes : [...changes, ...(await this.#plan(last))];
  }

  /** What cannot be undone keeps nothing else; `expected`: of a place where nothing of ours can be. */
  async #plan(plan: Plan, expected?: ErrorCode): Promise<readonly Change[]> {
    try {
      return await plan();
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      if (error.code !== expected) this.#troubles.push(error.message);
      return [];
    }
  }
}

type Plan = () => Promise<readonly Change[]>;
