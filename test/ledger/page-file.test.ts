import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/ledger.ts';
import { choosePageFile, linkBase } from '../../src/ledger/page-file.ts';
import { temporaryLedger } from '../support/ledger-dir.ts';
import { ledgerHtml } from '../support/stored-sessions.ts';

const RAW = 'sessions/a/raw.jsonl';

async function open() {
  const { root, scratch, environment } = temporaryLedger({ [RAW]: '{}\n', '.gitignore': '/public/\n*.tmp.html\n' });
  mkdirSync(scratch, { recursive: true });
  return { scratch, ledger: await openLedger(root, { cwd: root, environment }) };
}

test('without a name the page lies beside the state, and links from there', async () => {
  const { ledger } = await open();
  const file = await choosePageFile(ledger, undefined);
  expect(path.relative(ledger.root, file)).toBe(path.join('.git', 'agentwork', 'ledger.html'));
  expect(linkBase(ledger, file)).toBe('./../../sessions/');
});

test('outside of the clone it links to where the clone is', async () => {
  const { ledger, scratch } = await open();
  const file = await choosePageFile(ledger, path.join(scratch, 'a b.html'));
  expect(file).toBe(path.join(scratch, 'a b.html'));
  expect(linkBase(ledger, file)).toBe(`${pathToFileURL(ledger.sessionsDir).href}/`);
});

test('in the clone it may lie where git ignores it, and nowhere else', async () => {
  const { ledger } = await open();
  mkdirSync(path.join(ledger.root, 'public'));
  const file = await choosePageFile(ledger, path.join(ledger.root, 'public', 'index.html'));
  expect(linkBase(ledger, file)).toBe('./../sessions/');
  for (const named of ['ledger.html', 'sessions/ledger.html', 'sessions/a/new.html', '.git/new.html']) {
    await expect(choosePageFile(ledger, path.join(ledger.root, named))).rejects.toMatchObject({ code: 'BAD_USAGE' });
  }
});

test('a link to a folder is no way into the clone', async () => {
  const { ledger, scratch } = await open();
  symlinkSync(ledger.root, path.join(scratch, 'elsewhere'));
  const named = path.join(scratch, 'elsewhere', 'ledger.html');
  await expect(choosePageFile(ledger, named)).rejects.toThrow(/would conflict between machines/);
});

test('only a page of a ledger is replaced', async () => {
  const { ledger, scratch } = await open();
  const earlier = path.join(scratch, 'ledger.html');
  writeFileSync(earlier, ledgerHtml([]));
  expect(await choosePageFile(ledger, earlier)).toBe(earlier);
  const other = path.join(scratch, 'thesis.html');
  writeFileSync(other, 'years of work');
  await expect(choosePageFile(ledger, other)).rejects.toThrow(
    /thesis.html is there already, and is no page of a ledger/,
  );
  const link = path.join(scratch, 'link.html');
  symlinkSync(earlier, link);
  await expect(choosePageFile(ledger, link)).rejects.toThrow(/is there already/);
  await expect(choosePageFile(ledger, path.join(ledger.root, RAW))).rejects.toThrow(/is left alone/);
  expect(readFileSync(path.join(ledger.root, RAW), 'utf8')).toBe('{}\n');
});

test('a folder, and a folder that is not there, are told from a file', async () => {
  const { ledger, scratch } = await open();
  await expect(choosePageFile(ledger, scratch)).rejects.toMatchObject({
    code: 'BAD_USAGE',
    message: `${scratch} is a folder`,
    suggestions: ['name a file in it'],
  });
  const missing = path.join(scratch, 'no', 'such', 'page.html');
  await expect(choosePageFile(ledger, missing)).rejects.toThrow(/there is no folder .*such to write the page into/);
  expect(existsSync(path.dirname(missing))).toBe(false);
  const endless = path.join(scratch, 'x'.repeat(300));
  await expect(choosePageFile(ledger, endless)).rejects.toThrow(/the page cannot be .*ENAMETOOLONG/);
  writeFileSync(path.join(scratch, 'file'), '');
  await expect(choosePageFile(ledger, path.join(scratch, 'file', 'page.html'))).rejects.toMatchObject({
    code: 'BAD_USAGE',
  });
});
