// Makes dist/schema: of each document that a command prints under --json its JSON Schema. Part of the build, not of the package.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createGenerator } from 'ts-json-schema-generator';

const OUT = 'dist/schema';
/** Name of the file -> the type of which it is made. */
const DOCUMENTS = {
  cleanup: 'CleanupDocument',
  completion: 'CompletionDocument',
  detect: 'DetectDocument',
  error: 'ErrorDocument',
  finalize: 'FinalizeDocument',
  setup: 'SetupDocument',
  'setup-check': 'CheckDocument',
  status: 'StatusDocument',
};

// Of what the compiler has written: a type that is told by a value stands there in full.
const types = { path: 'dist/ui/documents.d.ts', tsconfig: 'tsconfig.json', skipTypeCheck: true };
const generator = createGenerator({ ...types, expose: 'export', topRef: false });
mkdirSync(OUT, { recursive: true });
for (const [name, type] of Object.entries(DOCUMENTS)) {
  const { definitions, $schema: _, ...schema } = generator.createSchema(type);
  const $schema = 'https://json-schema.org/draft/2020-12/schema';
  const text = JSON.stringify({ $schema, ...schema, $defs: definitions }, asPublished, 1);
  writeFileSync(`${OUT}/${name}.json`, `${text}\n`);
}

/** The generator writes draft 7, and forbids what no type names: who reads a document overlooks what a later version adds. */
function asPublished(key, value) {
  if (key === 'additionalProperties' && value === false) return undefined;
  return key === '$ref' ? value.replace('#/definitions/', '#/$defs/') : value;
}
