import { describe, expect, test } from 'vitest';
import { isObjectId, parseLfsPointer } from '../../src/session/lfs-pointer.ts';

const OID = '4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393';
const VERSION = 'version https://git-lfs.github.com/spec/v1';
const POINTER = `${VERSION}\noid sha256:${OID}\nsize 18233\n`;

describe('a pointer', () => {
  test.each([
    ['as git-lfs writes it', POINTER],
    ['with CRLF', POINTER.replaceAll('\n', '\r\n')],
    ['without a newline at the end', POINTER.trimEnd()],
    ['with blank space around', `\n${POINTER}\n`],
    ['with a key that nobody knows', `${VERSION}\next-0-x sha256:1\noid sha256:${OID}\nsize 18233\n`],
    ['with size before oid', `${VERSION}\nsize 18233\noid sha256:${OID}\n`],
    ['of an older host', POINTER.replace('git-lfs.github.com', 'hawser.github.com/git-lfs')],
  ])('%s is known by its content', (_, text) => {
    expect(parseLfsPointer(text)).toEqual({ oid: OID, size: 18233 });
  });

  test.each([
    ['nothing', ''],
    ['a recording', '{"type":"user","content":"version https://git-lfs.github.com/spec/v1"}\n'],
    ['one without an oid', `${VERSION}\nsize 18233\nx y\n`],
    ['one without a size', `${VERSION}\noid sha256:${OID}\nx y\n`],
    ['one of size 0', `${VERSION}\noid sha256:${OID}\nsize 0\n`],
    ['one that is larger than any', `${VERSION}\noid sha256:${OID}\nsize 1e999\n`],
    ['one of half a byte', `${VERSION}\noid sha256:${OID}\nsize 0.5\n`],
    ['one of a size that is none', `${VERSION}\noid sha256:${OID}\nsize many\n`],
    ['one with two lines', `${VERSION} size 1\noid sha256:${OID}`],
    ['one of another system', POINTER.replace('git-lfs', 'git-annex')],
    ['one that says more in front', `# note\n${POINTER}`],
    ['one that is too long', `${POINTER}${'#'.repeat(200)}`],
  ])('is not %s', (_, text) => {
    expect(parseLfsPointer(text)).toBeUndefined();
  });
});

test.each([
  [OID, true],
  [OID.toUpperCase(), false],
  [OID.slice(1), false],
  ['../../../../etc/passwd', false],
  ['', false],
])('%j is the name of an object: %s', (oid, expected) => {
  expect(isObjectId(oid)).toBe(expected);
});
