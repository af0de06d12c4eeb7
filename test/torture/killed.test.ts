import pLimit from 'p-limit';
import { beforeAll, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../src/clock.ts';
import { complain, complaintsAfter, PASS, runUndisturbed, type Undisturbed } from '../support/aftermath.ts';
import { type Death, type Fault, runFaulty } from '../support/fault.ts';
import { callsIn, callsInFlight, createFaultScene, lostLines } from '../support/fault-scene.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { isLong, pick, tellAtOnce, tellFigures } from '../support/torture.ts';

/**
 * The real program is killed at its steps: at each change to a file and at each program that it starts. Whatever the
 * step and however it dies, every line that was recorded is still there, and the passes after it end where an
 * undisturbed pass ends. No call to the agent is made again but the one that was under way.
 */

const AT_ONCE = 2;
const LIMIT_MS = isLong ? 12 * HOUR_MS : 3 * MINUTE_MS;

let undisturbed: Undisturbed;

beforeAll(async () => {
  undisturbed = await runUndisturbed();
  expect(undisturbed.calls).toBe(5);
}, LIMIT_MS);

const isSpawn = (step: string) => step.startsWith('spawn');
const isWrite = (step: string) => /^(handle\.)?write/.test(step);
/** Only between a write and its flush has a power cut something to take. */
const isUnflushed = (step: string) => /^(handle\.sync|rename)/.test(step);

test.each<[words: string, how: Death, isPoint: (step: string) => boolean, some: number]>([
  ['before a step', 'before', () => true, 2],
  ['after a program that it started', 'after', isSpawn, 1],
  ['in the middle of a write', 'half', isWrite, 1],
  ['together with a program that it started', 'half', isSpawn, 1],
  ['while a program that it started goes on', 'orphan', isSpawn, 1],
  ['by a power cut', 'powerCut', isUnflushed, 1],
])('a pass that is killed %s loses nothing', { timeout: LIMIT_MS }, async (words, how, isPoint, some) => {
  const points = undisturbed.steps.flatMap((step, index) => (isPoint(step) ? [index] : []));
  const chosen = isLong ? points : pick(points, some, words);
  const atOnce = pLimit(AT_ONCE);
  const complaints = await Promise.all(chosen.map((at) => atOnce(() => complaintsAbout({ at, how }))));
  tellFigures(`killed ${words}`, { points: chosen.length });
  expect(complaints.flat()).toEqual([]);
});

test.each<[what: string, fault: Fault]>([
  ['half put into the ledger', { where: '^open .*/ledger/sessions/.*OxCach/.session.md', at: 0, how: 'before' }],
  ['whole but for what meta.json says of it', { where: '^open .*/sessions/.*OxInco/.meta.json', at: 0, how: 'before' }],
  ['put away, and its claim not given back', { where: '^rename .*OxWort -> .*/trash/', at: 0, how: 'after' }],
])('nor does one whose session is %s', { timeout: LIMIT_MS }, async (_, fault) => {
  expect(await complaintsAbout(fault)).toEqual([]);
});

async function complaintsAbout(fault: Fault): Promise<string[]> {
  const scene = await createFaultScene(temporaryFolder());
  const { steps, wasKilled, isMet } = await runFaulty(PASS, scene.machine, fault);
  const calls = undisturbed.calls + callsInFlight(scene, callsIn(steps));
  const complaints = [
    // The number of steps is not the same each time: sometimes the last ones do not come.
    ...complain('was not killed', wasKilled || (!isMet && fault.where === undefined) ? [] : [fault.at]),
    ...complain('lost at once', lostLines(scene)),
    ...(await complaintsAfter(scene, undisturbed, calls)),
  ];
  const told = complaints.map((complaint) => `${JSON.stringify(fault)}, ${steps.at(-1)?.slice(0, 160)}: ${complaint}`);
  tellAtOnce(told);
  return told;
}
