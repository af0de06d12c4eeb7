// Records a session as recorders do, with all that can be seen of it half done: lines come in pieces that end anywhere,
// the marker is rewritten in place or by a rename. SIGTERM stops it properly: a footer is written, the marker taken away,
// and what was recorded is told on stdout. SIGUSR1 has it die in the middle of a line.
const fs = require('node:fs');
const { createHash } = require('node:crypto');
const path = require('node:path');
const { setTimeout } = require('node:timers/promises');

const { folder, agentId, seed, hasMarker, secret, pauseMs, spokenAt } = JSON.parse(process.argv[2]);
const [raw, marker] = ['raw.jsonl', '.recording.json'].map((name) => path.join(folder, name));
const recorded = createHash('sha256');
const startedAt = new Date().toISOString();
let [random, bytes, entries] = [seed, 0, 0];
let wish = 'go on';

process.on('SIGTERM', () => {
  wish = 'stop';
});
process.on('SIGUSR1', () => {
  wish = 'die';
});
main();

async function main() {
  fs.mkdirSync(folder, { recursive: true });
  if (hasMarker) fs.writeFileSync(marker, state());
  append(
    lineOf({ metadata: { version: '1.0', agent_id: agentId, created_at: spokenAt, username: 'mia' }, type: 'header' }),
  );
  while (wish !== 'stop') {
    await record();
    if (hasMarker && chance(3) === 0) await rewriteMarker();
  }
  append(lineOf({ closed_at: spokenAt, entry_count: entries, type: 'footer' }));
  if (hasMarker) fs.rmSync(marker);
  process.stdout.write(JSON.stringify({ sha256: recorded.digest('hex'), bytes, entries }));
}

async function record() {
  const lines = Array.from({ length: chance(6) === 0 ? 12 : 1 }, entry);
  let rest = Buffer.concat(lines);
  for (let cuts = chance(4); cuts > 0 && rest.length > 2; cuts -= 1) {
    const length = 1 + chance(rest.length - 2);
    append(rest.subarray(0, length));
    rest = rest.subarray(length);
    await setTimeout(chance(pauseMs));
  }
  if (wish === 'die') {
    append(rest.subarray(0, rest.length >> 1));
    process.kill(process.pid, 'SIGKILL');
  }
  append(rest);
  await setTimeout(chance(pauseMs));
}

/** As a plain write does it, which others can see half done; or as one that knows better. */
async function rewriteMarker() {
  const text = state();
  if (chance(2) === 0) {
    fs.writeFileSync(`${marker}.new`, text);
    return fs.renameSync(`${marker}.new`, marker);
  }
  fs.writeFileSync(marker, text.slice(0, chance(text.length)));
  await setTimeout(chance(8));
  fs.writeFileSync(marker, text);
}

function state() {
  const known = { agent_id: agentId, started_at: startedAt, adapter_name: 'claude-code', parent_pid: process.pid };
  return JSON.stringify({ ...known, entry_count: entries }, undefined, 2);
}

/** Of several bytes for some signs, so that a piece can end within one. */
function entry() {
  const said = `ENTRY-${agentId}-${entries} Überlegung 🙂 ${'why does the export end early? '.repeat(1 + chance(6))}`;
  const content = secret && chance(4) === 0 ? `${said} with ${secret}` : said;
  const type = entries % 2 === 0 ? 'user' : 'assistant';
  return lineOf({ type, content, seq: entries++, timestamp: spokenAt });
}

function lineOf(value) {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

function append(piece) {
  recorded.update(piece);
  bytes += piece.length;
  fs.appendFileSync(raw, piece);
}

function chance(below) {
  random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((random / 2 ** 32) * below);
}
