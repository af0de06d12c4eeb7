import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

const SCHEMAS = new URL('../../dist/schema/', import.meta.url);

/** A JSON Schema, as far as the build writes any. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
}

const ajv = new Ajv2020({ allowUnionTypes: true });
const checks = new Map<string, ValidateFunction>();

/** As it is published: `status`, `setup-check`, `error`. */
export function readSchema(name: string): Schema {
  return JSON.parse(readFileSync(new URL(`${name}.json`, SCHEMAS), 'utf8')) as Schema;
}

export function schemaNames(): string[] {
  return readdirSync(SCHEMAS).map((file) => file.replace(/\.json$/, ''));
}

/** The schema for the document that a command line prints. */
export function schemaFor([command = '', verb = '']: readonly string[], document: object): string {
  if ('error' in document) return 'error';
  return command === 'setup' && verb === 'check' ? 'setup-check' : command;
}

/** What is wrong with a document for who has the published schema; undefined where nothing is. */
export function complaint(name: string, document: unknown): string | undefined {
  return complaintOf(name, () => readSchema(name), document);
}

/** The same for us, who may print nothing that the schema does not name. */
export function strictComplaint(name: string, document: unknown): string | undefined {
  return complaintOf(`${name}, strictly`, () => strict(readSchema(name)), document);
}

export function accepts(schema: Schema, value: unknown): boolean {
  return ajv.validate(schema, value);
}

function complaintOf(key: string, schema: () => Schema, document: unknown): string | undefined {
  const check = checks.get(key) ?? ajv.compile(schema());
  checks.set(key, check);
  return check(document) ? undefined : ajv.errorsText(check.errors, { dataVar: key });
}

function strict(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema), (_key, value) =>
    value?.type === 'object' && value.properties ? { additionalProperties: false, ...value } : value,
  ) as Schema;
}
