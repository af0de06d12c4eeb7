import { runCli, runJson } from './cli.ts';
import { NO_FAULT, runFaulty } from './fault.ts';
import {
  callsOf,
  createFaultScene,
  type FaultScene,
  leftoversOf,
  letLeftoversAge,
  lostLines,
  outcomeOf,
} from './fault-scene.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** One session after the other, so that a step is the same in each run, as far as git and the agent let it. */
export const PASS = ['finalize', '--concurrency', '1'];
/** One that goes on, one that only hands in what was given up, and one that finds nothing. */
const MOST_PASSES = 3;

/** What a pass does, and leaves, when nothing befalls it. */
export interface Undisturbed {
  readonly steps: readonly string[];
  readonly calls: number;
  readonly outcome: Readonly<Record<string, string>>;
}

/** Throws where such a pass itself is not well. */
export async function runUndisturbed(steps: 'changes' | 'looks' = 'changes'): Promise<Undisturbed> {
  const scene = await createFaultScene(temporaryFolder());
  const run = await runFaulty(PASS, scene.machine, { ...NO_FAULT, steps });
  const second = await runCli(PASS, scene.machine);
  await runCli(['cleanup'], scene.machine);
  const left = leftoversOf(scene);
  const isWell = run.status === 0 && second.status === 0 && second.stdout === '' && left.length === 0;
  if (!isWell) throw new Error(`undisturbed, and not well: ${JSON.stringify({ run, second, left })}`);
  return { steps: run.steps, calls: await callsOf(scene), outcome: outcomeOf(scene) };
}

/** Lets passes run until nothing changes, and says what is not as if nothing had been. */
export async function complaintsAfter(scene: FaultScene, { outcome }: Undisturbed, calls: number): Promise<string[]> {
  const ends: string[] = [];
  while (ends.length < MOST_PASSES && ends.at(-1) !== QUIET) {
    const { status, stdout, stderr } = await runCli(PASS, scene.machine);
    ends.push(`${status}: ${stdout}${stderr}`);
  }
  const { json } = await runJson<{ items: unknown[] }>(['detect'], scene.machine);
  letLeftoversAge(scene);
  await runCli(['cleanup'], scene.machine);
  const asked = await callsOf(scene);
  return [
    ...complain('does not end', ends.at(-1) === QUIET ? [] : ends),
    ...complain('waits', json.items),
    ...complain('lost', lostLines(scene)),
    ...complain('left', leftoversOf(scene)),
    ...complain('differs', differences(outcomeOf(scene), outcome)),
    ...complain('asked too often', asked > calls ? [asked] : []),
  ];
}

const QUIET = '0: ';

export function complain(what: string, list: readonly unknown[]): string[] {
  return list.length > 0 ? [`${what}: ${JSON.stringify(list)}`] : [];
}

/** Places where something else is than there should be. */
function differences(found: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): string[] {
  const names = [...new Set([...Object.keys(found), ...Object.keys(wanted)])];
  return names
    .filter((name) => found[name] !== wanted[name])
    .map((name) => difference(name, found[name], wanted[name]));
}

function difference(name: string, there: string | undefined, wanted: string | undefined): string {
  if (there === undefined || wanted === undefined) return `${name} is ${there === undefined ? 'missing' : 'too much'}`;
  const lines = wanted.split('\n');
  const other = there.split('\n').find((text, index) => lines[index] !== text);
  return `${name} has ${other?.slice(0, 200)}`;
}
