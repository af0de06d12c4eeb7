import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { agentFormats } from '../support/bad-input/agent-formats.ts';
import { configFormats } from '../support/bad-input/config-formats.ts';
import { InputWatch } from '../support/bad-input/input-watch.ts';
import { bytesOf, MUTANT } from '../support/bad-input/mutant.ts';
import { expectToHold } from '../support/bad-input/seeded-property.ts';
import { sessionFormats } from '../support/bad-input/session-formats.ts';
import { stateFormats } from '../support/bad-input/state-formats.ts';
import { shortOrLong, tellFigures } from '../support/torture.ts';

const place = mkdtempSync(path.join(tmpdir(), 'agentwork-test-'));
const folder = (name: string) => path.join(place, name);
const FORMATS = [
  ...sessionFormats(folder('sessions')),
  ...stateFormats(folder('state')),
  ...agentFormats(),
  ...configFormats(folder('config')),
];
const MOST_MB = 400;

afterAll(() => rmSync(place, { recursive: true, force: true }));

test.each(FORMATS)('whatever stands in the place of a $name, it is read or named', async (format) => {
  const { name, thousands, samples, read, named } = format;
  const watch = new InputWatch(name);
  const property = fc.asyncProperty(MUTANT, async (mutant) => {
    const bytes = bytesOf(samples, mutant);
    const result = await watch.read(bytes, () => read(bytes));
    if (result instanceof Error && named !== undefined) expect(result.message).toMatch(named);
  });
  await expectToHold(property, FORMATS.indexOf(format), thousands * shortOrLong(5, 1000));
  await watch.end();
  tellFigures(`bad input, ${name}`, watch.figures);
  expect(watch.peakMb).toBeLessThan(MOST_MB);
});
