#!/usr/bin/env node
// A stand-in for `ssh`, by GIT_SSH_COMMAND="node fickle-ssh.cjs FOLDER": it starts what git asks for on this machine, and
// does with the connection what FOLDER/plan.json says. Written and read by fickle-remote.ts.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const [, , folder, ...words] = process.argv;
const command = words[words.length - 1];
const number = takeNumber();
const plan = JSON.parse(fs.readFileSync(path.join(folder, 'plan.json'), 'utf8'));
const act = actOf(plan);
fs.appendFileSync(
  path.join(folder, 'connections.jsonl'),
  `${JSON.stringify({ number, service: serviceOf(command), act })}\n`,
);

if (act.do === 'refuse') leave(act.words);
else if (act.do === 'hang') process.stdin.resume().on('close', () => leave('hung'));
else serve(act.do === 'lie' ? lied(command) : command);

function actOf({ act, service, from, to }) {
  const isMeant = number >= from && number <= to && (service === 'any' || service === serviceOf(command));
  return isMeant ? act : { do: 'serve' };
}

function serviceOf(words) {
  return words.includes('receive-pack') ? 'push' : 'fetch';
}

function serve(words) {
  const server = spawn('sh', ['-c', words], { stdio: ['pipe', 'pipe', 'inherit'] });
  const cut = () => {
    server.kill('SIGKILL');
    leave('Connection reset by peer');
  };
  const limits = { in: act.do === 'cut-in' ? act.bytes : Infinity, out: act.do === 'cut-out' ? act.bytes : Infinity };
  server.stdin.on('error', () => {});
  process.stdout.on('error', () => {});
  pipe(process.stdin, server.stdin, limits.in, cut);
  if (act.do === 'hang-after') pipe(server.stdout, process.stdout, act.bytes, () => {});
  else if (act.do === 'swallow') swallowReport(server.stdout);
  else pipe(server.stdout, process.stdout, limits.out, cut);
  server.on('close', (status) => {
    // Until git itself is gone.
    if (act.do === 'hang-after') return process.stdin.on('close', () => leave('hung')).resume();
    if (act.do === 'swallow') return leave('Connection closed by remote host');
    if (act.do === 'fail-after') return process.stdout.write('', () => process.exit(1));
    return process.stdout.write('', () => process.exit(status ?? 1));
  });
}

/** Passes on so many bytes, each chunk after a while where the line is slow. */
function pipe(from, to, limit, beyond) {
  let passed = 0;
  let turn = Promise.resolve();
  from.on('data', (chunk) => {
    turn = turn.then(async () => {
      if (act.do === 'slow') await new Promise((resolve) => setTimeout(resolve, act.ms));
      const part = chunk.subarray(0, Math.max(0, limit - passed));
      passed += chunk.length;
      if (part.length > 0) to.write(part);
      if (passed > limit) beyond();
    });
  });
  from.on('end', () => {
    turn = turn.then(() => to !== process.stdout && to.end());
  });
}

/** What the server has, up to the flush that ends it, reaches git; what became of the push does not. */
function swallowReport(stdout) {
  let isOver = false;
  stdout.on('data', (chunk) => {
    const end = chunk.toString('latin1').search(/0000$/);
    if (!isOver) process.stdout.write(chunk);
    isOver = isOver || end >= 0;
  });
}

/** The same, done to a copy that nobody else knows. */
function lied(words) {
  const remote = /'([^']+)'/.exec(words)[1];
  const copy = path.join(folder, `copy-${number}.git`);
  fs.cpSync(remote, copy, { recursive: true });
  return words.replace(remote, copy);
}

function leave(words) {
  process.stderr.write(`${words}\n`, () => process.exit(255));
}

function takeNumber() {
  for (let number = 1; ; number += 1) {
    try {
      fs.closeSync(fs.openSync(path.join(folder, `number-${number}`), 'wx'));
      return number;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}
