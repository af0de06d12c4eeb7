import { expect, test } from 'vitest';
import { describeBrokenJson } from '../../src/session/stored-session.ts';

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12\n`;

test.each([
  ['', 'is empty'],
  [' \n', 'is empty'],
  [POINTER, 'is a Git LFS pointer'],
  ['{\n<<<<<<< HEAD\n"a": 1\n=======\n"a": 2\n>>>>>>> theirs\n}', 'has the marks of a merge conflict'],
  ['{"title": "Half', 'is broken'],
  ['{"no": "title"}', 'says nothing of use'],
  ['[]', 'says nothing of use'],
])('a file with %j %s', (text, description) => {
  expect(describeBrokenJson(text)).toBe(description);
});
