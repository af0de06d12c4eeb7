import { buildClaudeEnvironment } from './environment.ts';
import { parseVersion } from './flags.ts';
import { withPrivateFolder } from './private-folder.ts';
import { ClaudeProbe, printed } from './probe.ts';
import { findProgram } from './program.ts';

/** A `claude` as one environment has it; it was asked nothing that costs. */
export interface ClaudeCheckUp {
  /** Absolute; undefined where there is none. */
  readonly program?: string;
  readonly version?: string;
  /** Why it cannot be used. */
  readonly unfit?: string;
}

/** `path`: of the program, where it is not to be looked for. */
export async function examineClaude(path: string | undefined, environment: NodeJS.ProcessEnv): Promise<ClaudeCheckUp> {
  const program = await findProgram(path ?? 'claude', { environment, platform: process.platform });
  if (program === undefined) return {};
  return withPrivateFolder(async (workDir) => {
    const scope = { maxTokens: 1, userSettings: false };
    const { signal } = new AbortController();
    const start = { program, environment: buildClaudeEnvironment(environment, scope), workDir, signal };
    try {
      const version = parseVersion(await printed(start, '--version'));
      await new ClaudeProbe(undefined).flags(start);
      return { program, ...(version !== undefined && { version }) };
    } catch (error) {
      return { program, unfit: (error as Error).message };
    }
  });
}
