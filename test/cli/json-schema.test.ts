import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runJson } from '../support/cli.ts';
import {
  accepts,
  complaint,
  readSchema,
  type Schema,
  schemaFor,
  schemaNames,
  strictComplaint,
} from '../support/json-schema.ts';
import { createSampleLedger } from '../support/sample-ledger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** On a machine that others use. */
const EIGHT_COMMANDS_MS = 120_000;

/** One after the other, in one clone. */
const COMMANDS: readonly (readonly string[])[] = [
  ['detect', '--explain'],
  ['finalize', '--dry-run'],
  ['setup', 'hook', '--dry-run'],
  ['setup', 'check'],
  ['cleanup', '--dry-run'],
  ['finalize', '--agent', 'offline'],
  ['status', '--html'],
  ['completion', 'bash'],
  ['finalize', '--limit', 'many'],
];

/** Command line -> what it printed. */
const documents = new Map<string, { readonly name: string; readonly document: object }>();

beforeAll(async () => {
  const { root } = createSampleLedger(path.join(temporaryFolder(), 'work'), Date.now());
  for (const words of COMMANDS) {
    const { json } = await runJson(words, { cwd: root });
    documents.set(words.join(' '), { name: schemaFor(words, json), document: json });
  }
}, EIGHT_COMMANDS_MS);

test('there is a schema for each command, and for failures', () => {
  expect(schemaNames().sort()).toEqual([
    ...['cleanup', 'completion', 'detect', 'error', 'finalize', 'setup', 'setup-check', 'status'],
  ]);
  expect(new Set([...documents.values()].map(({ name }) => name))).toEqual(new Set(schemaNames()));
});

describe.each(COMMANDS.map((words) => words.join(' ')))('the document of %j', (line) => {
  const printed = () => documents.get(line) ?? { name: '', document: {} };

  test('is what the schema says, and nothing else', () => {
    const { name, document } = printed();
    expect([complaint(name, document), strictComplaint(name, document)]).toEqual([undefined, undefined]);
  });

  test('is refused without any field that is required', () => {
    const { name, document } = printed();
    const places = fieldsOf(readSchema(name), document).filter(({ isRequired }) => isRequired);
    expect(places.length).toBeGreaterThan(0);
    const accepted = places.filter((place) => complaint(name, changed(document, place, undefined)) === undefined);
    expect(accepted.map(({ path }) => path.join('.'))).toEqual([]);
  });

  test('is refused with a value of another kind in any field', () => {
    const { name, document } = printed();
    const places = fieldsOf(readSchema(name), document);
    const accepted = places.filter((place) => complaint(name, changed(document, place, [null])) === undefined);
    expect(accepted.map(({ path }) => path.join('.'))).toEqual([]);
  });

  test('may get fields that a reader does not know', () => {
    const { name, document } = printed();
    const later = { ...document, of_a_later_version: 1 };
    expect(complaint(name, later)).toBeUndefined();
    expect(strictComplaint(name, later)).toContain('must NOT have additional properties');
  });
});

interface Field {
  readonly path: readonly (string | number)[];
  readonly isRequired: boolean;
}

/** All fields of a document that its schema names. */
function fieldsOf(whole: Schema, document: unknown): Field[] {
  const visit = (schema: Schema, value: unknown, path: Field['path']): Field[] => {
    const { $ref, anyOf, items, properties = {}, required = [], additionalProperties } = schema;
    if ($ref) return visit(whole.$defs?.[$ref.replace('#/$defs/', '')] ?? {}, value, path);
    if (anyOf)
      return anyOf
        .filter((each) => accepts({ ...each, $defs: whole.$defs ?? {} }, value))
        .flatMap((each) => visit(each, value, path));
    if (Array.isArray(value))
      return value.flatMap((each, index) => (items ? visit(items, each, [...path, index]) : []));
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => {
      const of = properties[key] ?? additionalProperties;
      const field = { path: [...path, key], isRequired: required.includes(key) };
      return of ? [field, ...visit(of, inner, field.path)] : [];
    });
  };
  return visit(whole, document, []);
}

function changed(document: object, { path }: Field, value: unknown): unknown {
  const copy = structuredClone(document);
  const holder = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string | number, unknown>)[key], copy);
  const key = path.at(-1) as string;
  if (value === undefined) delete (holder as Record<string, unknown>)[key];
  else (holder as Record<string, unknown>)[key] = value;
  return copy;
}
