import { Args, Flags } from '@oclif/core';
import { startInBackground } from '../background.ts';
import { BaseCommand, exitStatuses, fullFlag, JSON_VERSION, sessionName } from '../base-command.ts';
import { AGENTS, type Config, type FlagValues, parseDuration } from '../config.ts';
import { ExpectedError } from '../errors.ts';
import { assertPresent } from '../known-sessions.ts';
import { sessionCaches } from '../ledger/caches.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { NOTHING_DONE, type PassOptions, runPass } from '../pass.ts';
import { passJson } from '../pass-json.ts';
import { logPath } from '../pass-log.ts';
import { planJson, planPass } from '../pass-plan.ts';
import { causeOf, exitStatusOf } from '../pass-report.ts';
import type { BackgroundDocument, FinalizeDocument } from '../ui/documents.ts';
import { formatPass, formatTroubles } from '../ui/pass-text.ts';
import { formatPlan } from '../ui/plan-text.ts';

export default class Finalize extends BaseCommand {
  static override summary = 'Finish the sessions that nobody finished: summarise, write, commit, push once.';
  static override description =
    `One pass, then it exits. Sessions are named as agentwork detect lists them; without names all that wait are taken.`;
  static override exitStatus = exitStatuses({
    3: 'a session failed, or the push was refused',
    11: 'another pass is running (0 with --if-due)',
    12: 'the agent cannot be run, or is not logged in',
    13: 'a rate, quota or budget is used up, or a pause lasts, and work is left',
    130: 'interrupted by SIGINT',
    143: 'interrupted by SIGTERM',
  });
  static override seeAlso = ['agentwork detect', 'agentwork status', 'agentwork setup cron', 'agentwork setup check'];
  static override examples = [
    { description: 'Everything that waits', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'Without any agent or account', command: '<%= config.bin %> <%= command.id %> --agent offline' },
    { description: 'What it would do', command: '<%= config.bin %> <%= command.id %> --dry-run' },
    {
      description: 'Better what was summarised without an agent',
      command: '<%= config.bin %> <%= command.id %> --upgrade',
    },
    { description: 'From cron', command: '<%= config.bin %> <%= command.id %> --ledger ~/ledger --limit 20' },
    {
      description: 'One session anew',
      command: '<%= config.bin %> <%= command.id %> 2026-01-06T14-32-ryan-Ox7f3a --again',
    },
  ];
  static override strict = false;
  static override args = {
    session: Args.string({ description: 'names of sessions to finish', required: false, ignoreStdin: true }),
  };
  static override flags = {
    background: Flags.boolean({ description: 'go on detached, with --log, and return at once: for hooks' }),
    log: Flags.boolean({ description: 'say it in the log beside the state, and leave a failure to the next look' }),
    again: Flags.boolean({ description: 'summarise the named sessions anew, although they are finished' }),
    agent: Flags.string({ helpValue: AGENTS.join('|'), description: 'who summarises [default: claude]' }),
    'claude-path': Flags.string({ helpValue: 'FILE', description: 'the claude program [default: the one on PATH]' }),
    concurrency: Flags.string({ char: 'c', helpValue: 'N', description: 'agents at a time [default: 4]' }),
    'dry-run': Flags.boolean({ char: 'n', description: 'only say what would be done, and what it would cost' }),
    'if-due': Flags.string({
      helpValue: 'TIME',
      description: 'do nothing when the last look is younger than this, or a pass is running: for hooks',
    }),
    limit: Flags.string({ helpValue: 'N', description: 'at most N sessions' }),
    model: Flags.string({ helpValue: 'NAME', description: "model alias or id [default: the agent's own]" }),
    'no-claim': Flags.boolean({ description: 'ask agents without claiming the sessions on the remote first' }),
    'no-commit': Flags.boolean({ description: 'write the artifacts, commit and push nothing' }),
    'no-push': Flags.boolean({ description: 'commit, push nothing' }),
    resume: Flags.boolean({ description: 'end the pause after a usage limit, and ask the agent again' }),
    full: fullFlag,
    upgrade: Flags.boolean({
      description: 'have an agent summarise, too, what has only an offline summary; once for the same recording',
    }),
    timeout: Flags.string({
      helpValue: 'TIME',
      description: 'limit of one agent run, such as 90s or 5m [default: 5m]',
    }),
  };

  async run(): Promise<FinalizeDocument> {
    const { flags, argv } = await this.parse(Finalize);
    // A pass that was started by the agent of a pass would go round in circles.
    if (process.env.AGENTWORK_PASS) return { schema_version: JSON_VERSION, ...passJson(NOTHING_DONE) };
    const { ledger, config, world, progress } = await this.open(flags, flagValues(flags));
    const options = passOptions(config, flags, (argv as string[]).map(sessionName));
    if (flags.background) {
      // Nobody reads the log at once; more than this takes as long as the look itself.
      assertPresent(
        options.sessions,
        ledger.sessionsDir,
        sessionCaches(ledger, world.environment, config.sessionCache),
      );
      return this.#leaveToBackground(ledger, flags['dry-run']);
    }
    if (flags['dry-run']) {
      const plan = await planPass(ledger, world, options);
      this.answer(formatPlan(plan, config.agent, this.width));
      return { schema_version: JSON_VERSION, ...planJson(plan) };
    }
    const report = await runPass(ledger, world, options, this.abortSignal()).finally(progress.end);
    const isWatched = process.stdout.isTTY === true;
    // Who asks for something is told what came of it, although it is as it was.
    const isAsked = options.sessions.length > 0 || flags.resume || flags['claude-path'] !== undefined;
    this.answer(formatPass(report, isWatched || isAsked) || (isWatched ? 'nothing to do' : ''));
    this.tellApart(formatTroubles(report, isWatched || isAsked));
    await this.exitWith(exitStatusOf(report), causeOf(report));
    return { schema_version: JSON_VERSION, ...passJson(report) };
  }

  async #leaveToBackground({ root, stateDir }: Ledger, isDryRun: boolean): Promise<BackgroundDocument> {
    if (isDryRun)
      throw new ExpectedError('BAD_USAGE', '--dry-run has something to say, and --background nobody to hear it');
    const others = this.argv.filter((word) => word !== '--background' && word !== '--json');
    const pid = await startInBackground(['finalize', ...others, '--log'], root);
    const log = logPath(stateDir);
    if (process.stdout.isTTY) this.answer(`it goes on in the background (pid ${pid}), and says what it does in ${log}`);
    return { schema_version: JSON_VERSION, background: { pid, log } };
  }
}

interface FinalizeFlags {
  readonly again: boolean;
  readonly agent?: string | undefined;
  readonly 'claude-path'?: string | undefined;
  readonly concurrency?: string | undefined;
  readonly full: boolean;
  readonly 'if-due'?: string | undefined;
  readonly limit?: string | undefined;
  readonly model?: string | undefined;
  readonly 'no-claim': boolean;
  readonly 'no-commit': boolean;
  readonly 'no-push': boolean;
  readonly resume: boolean;
  readonly timeout?: string | undefined;
  readonly upgrade: boolean;
}

/** The flags that stand for a configuration key. */
function flagValues(flags: FinalizeFlags): FlagValues {
  const named = {
    agent: ['--agent', flags.agent],
    model: ['--model', flags.model],
    maxConcurrent: ['--concurrency', flags.concurrency],
    timeout: ['--timeout', flags.timeout],
    claudePath: ['--claude-path', flags['claude-path']],
    push: ['--no-push', flags['no-push'] ? 'false' : undefined],
    claim: ['--no-claim', flags['no-claim'] ? 'false' : undefined],
  } as const;
  const given = Object.entries(named).filter(([, [, value]]) => value !== undefined);
  return Object.fromEntries(given.map(([key, [flag, value]]) => [key, { flag, value }]));
}

function passOptions(config: Config, flags: FinalizeFlags, sessions: readonly string[]): PassOptions {
  if (flags.again && sessions.length === 0) throw new ExpectedError('BAD_USAGE', '--again wants the names of sessions');
  if (flags.upgrade && config.agent !== 'claude') {
    throw new ExpectedError('BAD_USAGE', `--upgrade wants an agent to ask, and the agent is '${config.agent}'`);
  }
  return {
    config,
    sessions,
    again: flags.again,
    upgrade: flags.upgrade,
    isFull: flags.full,
    resume: flags.resume,
    limit: flags.limit === undefined ? undefined : wholeNumber('--limit', flags.limit),
    commit: !flags['no-commit'],
    ifDueMs: flags['if-due'] === undefined ? undefined : duration('--if-due', flags['if-due']),
  };
}

function wholeNumber(flag: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new ExpectedError('BAD_USAGE', `${flag}: '${text}' is not a whole number from 1`);
}

function duration(flag: string, text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new ExpectedError('BAD_USAGE', `${flag}: '${text}' is not a duration such as 90s, 5m or 1h`);
}
