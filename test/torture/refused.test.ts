import pLimit from 'p-limit';
import { beforeAll, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../src/clock.ts';
import { complain, complaintsAfter, PASS, runUndisturbed, type Undisturbed } from '../support/aftermath.ts';
import { type Fault, REFUSALS, runFaulty } from '../support/fault.ts';
import { callsInFlight, callsOf, createFaultScene, lostLines } from '../support/fault-scene.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { isLong, pick, SEED, tellAtOnce, tellFigures } from '../support/torture.ts';

/**
 * The system refuses the real program a step: a file that cannot be written, read or removed, a program that cannot be
 * started, once or from there on. It says so in a sentence, loses nothing, and the passes after it end where an
 * undisturbed pass ends, with no call to the agent that is not one of that pass, but those whose answers had no place.
 */

const AT_ONCE = 2;
const LIMIT_MS = isLong ? 12 * HOUR_MS : 3 * MINUTE_MS;
/** Done, a usage error, an incomplete pass, no ledger, no agent. 1 would be a bug. */
const DOCUMENTED = [0, 2, 3, 10, 12];

let changes: Undisturbed;
let looks: Undisturbed;

beforeAll(async () => {
  changes = await runUndisturbed('changes');
  looks = await runUndisturbed('looks');
}, LIMIT_MS);

test.each<[words: string, steps: 'changes' | 'looks', isLasting: boolean, some: number, stride: number]>([
  ['a change, once', 'changes', false, 2, 1],
  ['all changes from there on', 'changes', true, 2, 3],
  ['a look, once', 'looks', false, 2, 6],
  ['all looks from there on', 'looks', true, 1, 18],
])('a pass that is refused %s loses nothing', { timeout: LIMIT_MS }, async (words, steps, isLasting, some, stride) => {
  const count = (steps === 'looks' ? looks : changes).steps.length;
  // Where it begins is told by the seed: runs with other seeds try the steps between.
  const points = Array.from({ length: count }, (_, at) => at).filter((at) => at % stride === SEED % stride);
  const chosen = isLong ? points : pick(points, some, words);
  const atOnce = pLimit(AT_ONCE);
  const faults = chosen.map((at, index): Fault => ({ at, how: refusal(index), steps, isLasting }));
  const complaints = await Promise.all(faults.map((fault) => atOnce(() => complaintsAbout(fault))));
  tellFigures(`refused ${words}`, { points: chosen.length });
  expect(complaints.flat()).toEqual([]);
});

test.each<[what: string, fault: Fault]>([
  ['to remove its lock', { where: '^rm .*/pass.lock$', at: 0, how: 'EACCES' }],
  ['to remove anything', { where: '^rm ', at: 0, how: 'EROFS', isLasting: true }],
  ['to look at what it is to ask about', { steps: 'looks', where: '^open .*OxWort/raw', at: 5, how: 'EIO' }],
  ['to look again at what it has an answer for', { steps: 'looks', where: '^open .*OxWort/raw', at: 9, how: 'EIO' }],
  ['to see whether that still waits', { steps: 'looks', where: '^open .*OxWort/raw', at: 12, how: 'EROFS' }],
  ['to see an artifact that is there', { steps: 'looks', where: '^lstat .*OxInco/summary.md', at: 1, how: 'EMFILE' }],
])('nor does one that is refused %s', { timeout: LIMIT_MS }, async (_, fault) => {
  expect(await complaintsAbout(fault)).toEqual([]);
});

const refusal = (index: number) => REFUSALS[index % REFUSALS.length] ?? 'ENOSPC';

async function complaintsAbout(fault: Fault): Promise<string[]> {
  const scene = await createFaultScene(temporaryFolder());
  const { status, steps, stdout, stderr, isMet } = await runFaulty(PASS, scene.machine, fault);
  const told = `${stdout}\n${stderr}`;
  const calls = changes.calls + callsInFlight(scene, await callsOf(scene));
  const isKnown = status !== undefined && DOCUMENTED.includes(status);
  const complaints = [
    ...complain('was not refused', isMet || fault.where === undefined ? [] : [fault.at]),
    ...complain('ended with', isKnown ? [] : [status, told]),
    ...complain('showed its inside', /^\s+at |node:internal|UnhandledPromise/m.test(told) ? [told] : []),
    ...complain('lost at once', lostLines(scene)),
    ...(await complaintsAfter(scene, changes, calls)),
  ];
  const where = `${fault.how}, ${fault.steps} ${fault.at}, ${steps[fault.at]?.slice(0, 160)}`;
  const all = complaints.map((complaint) => `${where}: ${complaint}; it had said: ${status} ${told.slice(0, 600)}`);
  tellAtOnce(all);
  return all;
}
