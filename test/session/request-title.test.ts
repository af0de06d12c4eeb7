import { expect, test } from 'vitest';
import { requestTitle } from '../../src/session/request-title.ts';

test.each([
  ['Fix the login bug', 'Fix the login bug'],
  ['After login people land on /home. Find out why.', 'After login people land on /home'],
  ['Does the export run on the first? It seems empty.', 'Does the export run on the first?'],
  ['Hi there. Please rename the settings page.', 'Hi there. Please rename the settings page'],
  ['Use version 2.1.100 of the tool', 'Use version 2.1.100 of the tool'],
  ['## Make `auth.ts` **safe**', 'Make auth.ts safe'],
  ['See [the docs](https://example.com/x) first', 'See the docs first'],
  [
    'ログイン後に元のページへ戻るように直してください。理由も教えてください。',
    'ログイン後に元のページへ戻るように直してください',
  ],
  ['?!', undefined],
])('the title of %j is %j', (request, title) => {
  expect(requestTitle(request)).toBe(title);
});

test('a title never splits a word and never grows over a hundred characters', () => {
  const title = requestTitle('word '.repeat(60)) ?? '';
  expect(title.length).toBeLessThanOrEqual(100);
  expect(title).toMatch(/^(word )*word…$/);
});
