import { expect, test } from 'vitest';
import { formatBytes, imageMark } from '../../src/session/image-mark.ts';
import { requestText } from '../../src/session/user-text.ts';

const KILOBYTE = Buffer.alloc(1024).toString('base64');

test.each<[string, object, string]>([
  ['of Anthropic', { source: { type: 'base64', media_type: 'image/png', data: KILOBYTE } }, '[image: png, 1 KB]'],
  ['of OpenAI', { image_url: `data:image/jpeg;base64,${KILOBYTE}` }, '[image: jpeg, 1 KB]'],
  ['of OpenAI, in an object', { image_url: { url: 'data:image/gif;base64,AAA=' } }, '[image: gif, 2 bytes]'],
  ['of Google', { inlineData: { mimeType: 'image/webp', data: 'AA==' } }, '[image: webp, 1 byte]'],
  ['elsewhere', { source: { type: 'url', url: 'https://a.b/c.png' } }, '[image]'],
  ['at an address', { image_url: 'https://a.b/c.png' }, '[image]'],
  ['of no kind', { source: { media_type: 'text/html"><b>', data: 'AAAA' } }, '[image: 3 bytes]'],
  ['of which nothing is known', {}, '[image]'],
])('a picture %s is named with what is known', (_name, block, expected) => {
  expect(imageMark({ ...block })).toBe(expected);
  expect(requestText(expected)).toBeUndefined();
});

test.each([
  [812, '812 bytes'],
  [34_000, '33 KB'],
  [1_048_575, '1.0 MB'],
  [52_428_800, '50.0 MB'],
])('%d bytes are %s', (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected);
});
