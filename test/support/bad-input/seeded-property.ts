import fc from 'fast-check';
import { SEED } from '../torture.ts';

/** Holds for so many inputs; each `stream` of a seed has others. What fails says how it is played again. */
export async function expectToHold<T>(property: fc.IAsyncProperty<T>, stream: number, inputs: number): Promise<void> {
  try {
    // Few changes make a mutant: to look for fewer takes longer than to read them.
    await fc.assert(property, { seed: SEED + stream, numRuns: inputs, endOnFailure: true });
  } catch (error) {
    throw new Error(`AGENTWORK_TORTURE_SEED=${SEED} plays this again`, { cause: error });
  }
}
