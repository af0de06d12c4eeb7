import { type Command, CommandHelp, Help, type Interfaces } from '@oclif/core';

/** What a command says of itself beside what oclif knows of; it stands in the manifest. */
interface Told {
  readonly exitStatus?: Readonly<Record<string, string>>;
  readonly seeAlso?: readonly string[];
}

const ENVIRONMENT: readonly Row[] = [
  ['AGENTWORK_LEDGER', 'the clone to work on, where no --ledger names one'],
  ['AGENTWORK_…', 'any key agentwork.… of git config, in capitals: AGENTWORK_MAX_COST_USD is agentwork.maxCostUsd'],
  ['NO_COLOR', 'no colours'],
];
const FILES: readonly Row[] = [
  ['sessions/NAME/', 'of the clone: recordings and what is made of them'],
  ['.git/agentwork/', 'of the clone: state, lock, log, trash, and the page of status --html'],
  ['REDACT.md', 'at the top of the clone, and in ~/.config/agentwork/: what is secret to the team, and to you'],
];
const SEE_ALSO: readonly Row[] = [
  ['agentwork COMMAND --help', 'flags, exit statuses and examples of a command'],
  ['README.md', 'of the package: everything else'],
];

type Row = [name: string, meaning: string];

class CommandManual extends CommandHelp {
  /** The summary stands above already. */
  protected override description(): string | undefined {
    const { description } = this.command;
    return description === undefined ? undefined : this.wrap(this.render(description));
  }

  protected override sections() {
    const { exitStatus = {}, seeAlso = [] } = this.command as Told;
    return [
      ...super.sections(),
      { header: 'EXIT STATUS', generate: () => ({ header: 'EXIT STATUS', body: Object.entries(exitStatus) }) },
      { header: 'SEE ALSO', generate: () => (seeAlso.length > 0 ? seeAlso.join('\n') : undefined) },
    ];
  }
}

/** oclif's help, with what a manual has besides. */
export class Manual extends Help {
  protected override CommandHelpClass = CommandManual;
  #isOfOne = false;

  constructor(config: Interfaces.Config, options: Partial<Interfaces.HelpOptions> = {}) {
    super(config, { ...options, maxWidth: columns(process.stdout, process.env) });
  }

  override async showCommandHelp(command: Command.Loadable): Promise<void> {
    this.#isOfOne = true;
    await super.showCommandHelp(command);
  }

  /** Above the help of a command it is a paragraph; in a list, oclif breaks it. */
  protected override summary(command: Command.Loadable): string | undefined {
    const summary = super.summary(command);
    return summary && this.#isOfOne ? this.wrap(summary) : summary;
  }

  protected override async showRootHelp(): Promise<void> {
    await super.showRootHelp();
    for (const [header, rows] of Object.entries({ ENVIRONMENT, FILES, 'SEE ALSO': SEE_ALSO })) {
      this.log(
        this.section(
          header,
          rows.map((row): Row => [...row]),
        ),
      );
      this.log('');
    }
  }
}

/** Of a terminal, or what the shell says of the one behind a pager. */
function columns({ isTTY, columns: told }: NodeJS.WriteStream, { COLUMNS }: NodeJS.ProcessEnv): number {
  const width = (isTTY && told) || Number.parseInt(COLUMNS ?? '', 10) || USUAL_COLUMNS;
  return Math.max(width, LEAST_COLUMNS) - OVERRUN;
}

const USUAL_COLUMNS = 80;
/** By so much lists of oclif are wider than they are to be. */
const OVERRUN = 3;
// Of fewer, oclif makes lines with half of a template in them.
const LEAST_COLUMNS = 40;
