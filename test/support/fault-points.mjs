// Loaded before the program (`node --import`), and before it alone: its changes to the world become numbered steps, and
// one of them is where the process dies, or where the system says no. What to do stands in AGENTWORK_FAULT as JSON, see
// `fault.ts`; what the steps were is written to the file that it names.
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const { at, how, where, isLasting, steps: family, notes } = JSON.parse(process.env.AGENTWORK_FAULT);
delete process.env.AGENTWORK_FAULT;

const program = fileURLToPath(new URL('../..', import.meta.url));
const real = { ...fs };
const note = real.openSync(notes, 'a');
let count = 0;

// What only looks. Whatever is not among these is taken for a change.
const LOOKS = ['access', 'exists', 'lstat', 'read', 'readFile', 'readdir', 'realpath', 'stat', 'readlink', 'opendir'];
const NEITHER = ['close', 'fstat', 'createReadStream', 'createWriteStream', 'watch', 'watchFile', 'unwatchFile'];
const looks = new Set(LOOKS.flatMap((name) => [name, `${name}Sync`]));
const neither = new Set(NEITHER.flatMap((name) => [name, `${name}Sync`]));

/** The fate of the step that comes now; undefined where it is to be as ever. */
function nextFate(what, kind) {
  if (kind !== family || what.includes(program)) return undefined;
  real.writeSync(note, `${what.replaceAll(/\s+/g, ' ')}\n`);
  if (where !== undefined && !new RegExp(where).test(what)) return undefined;
  const number = count++;
  return number === at || (isLasting && number > at) ? how : undefined;
}

function die() {
  if (how === 'powerCut') for (const file of unsynced) forget(file);
  process.kill(process.pid, 'SIGKILL');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function failure(what) {
  const known = new Error(`${how}: made up for a test, ${what}`);
  return Object.assign(known, { code: how, errno: -os.constants.errno[how], syscall: what.split(' ')[0] });
}

const DEATHS = ['before', 'after', 'half', 'orphan', 'powerCut'];

let depth = 0;

/** What a function of `node:fs` does through another one is one step. */
function whole(deed) {
  depth += 1;
  try {
    return deed();
  } finally {
    depth -= 1;
  }
}

/** One step, now: `half` is what a process that dies in the middle of it has done. */
function step(what, kind, deed, half = () => {}, refuse = undefined) {
  if (depth > 0) return deed();
  const fate = nextFate(what, kind);
  if (fate === undefined) return whole(deed);
  if (!DEATHS.includes(fate) && refuse) return refuse();
  if (!DEATHS.includes(fate)) throw failure(what);
  if (fate === 'half') half();
  if (fate === 'after') deed();
  return die();
}

/** One step that answers later. */
async function laterStep(what, kind, deed, half = async () => {}) {
  const fate = nextFate(what, kind);
  if (fate === undefined) return deed();
  if (!DEATHS.includes(fate)) throw failure(what);
  if (fate === 'half') await half();
  if (fate === 'after') await deed();
  return die();
}

// What a power cut takes: bytes that were written and never flushed.
const unsynced = new Set();

function forget(file) {
  try {
    if (real.lstatSync(file).isFile()) real.truncateSync(file, 0);
  } catch {
    // It is gone already.
  }
}

function moved(from, to) {
  const inside = [...unsynced].filter((file) => file === from || file.startsWith(`${from}${path.sep}`));
  for (const file of inside) {
    unsynced.delete(file);
    unsynced.add(to + file.slice(from.length));
  }
}

const nameOf = (descriptor) => {
  try {
    return real.readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return `descriptor ${descriptor}`;
  }
};
const firstHalf = (data) => data.slice(0, data.length >> 1);
const isReading = (flags = 'r') => {
  const { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND } = fs.constants;
  if (typeof flags === 'number') return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND)) === 0;
  return flags === 'r' || flags === 'rs';
};

function removeHalf(file) {
  const all = real.readdirSync(file, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const entry of firstHalf(all)) real.rmSync(path.join(entry.parentPath ?? entry.path, entry.name));
}

const isFolder = (file) => real.lstatSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
const isOurs = (descriptor) => descriptor > 2 && !/^(pipe|socket|anon_inode|descriptor)/.test(nameOf(descriptor));

/** By name: how a function of `node:fs` is told, and what it has done when it dies half-way. */
const CHANGES = {
  open: { isLook: (_, flags) => isReading(flags) },
  // It never says why not.
  exists: { refuse: () => false },
  write: {
    skips: (descriptor) => !isOurs(descriptor),
    tell: (descriptor) => nameOf(descriptor),
    half: (descriptor, data) => real.writeSync(descriptor, firstHalf(data)),
    follow: (descriptor) => unsynced.add(nameOf(descriptor)),
  },
  fsync: {
    tell: (descriptor) => nameOf(descriptor),
    // A process that dies forgets nothing that it wrote, and to wait for the disk takes long.
    deed: (descriptor) => void unsynced.delete(nameOf(descriptor)),
  },
  writeFile: {
    half: (file, data, options) => real.writeFileSync(file, firstHalf(data), options),
    follow: (file) => unsynced.add(String(file)),
  },
  rename: { tell: (from, to) => `${from} -> ${to}`, follow: moved },
  link: { tell: (from, to) => `${from} -> ${to}` },
  cp: { tell: (from, to) => `${from} -> ${to}` },
  rm: { half: (file) => isFolder(file) && removeHalf(file) },
};

function wrapped(name, deed, isLater) {
  const change = CHANGES[name] ?? {};
  return (...words) => {
    if (change.skips?.(...words)) return deed(...words);
    const kind = looks.has(name) || change.isLook?.(...words) ? 'looks' : 'changes';
    const what = `${name} ${change.tell?.(...words) ?? words[0]}`;
    const half = () => change.half?.(...words);
    if (!isLater)
      return step(what, kind, () => done(change, words, (change.deed ?? deed)(...words)), half, change.refuse);
    return laterStep(what, kind, async () => done(change, words, await (change.deed ?? deed)(...words)), half);
  };
}

function done(change, words, value) {
  change.follow?.(...words);
  return value;
}

const isWrapped = (name, value) => typeof value === 'function' && !neither.has(name) && /^[a-z]/.test(name);

for (const [name, value] of Object.entries(fs)) {
  if (isWrapped(name, value) && name.endsWith('Sync')) fs[name] = wrapped(name.slice(0, -4), value, false);
}
const promises = fs.promises;
const handle = await promises.open(notes, 'r');
const handles = Object.getPrototypeOf(handle);
await handle.close();
for (const [name, value] of Object.entries(promises)) {
  if (isWrapped(name, value)) promises[name] = wrapped(name, value, true);
}

const CHANGES_OF_HANDLES = ['write', 'writev', 'writeFile', 'appendFile', 'truncate', 'utimes', 'chmod', 'sync'];
for (const name of CHANGES_OF_HANDLES) {
  const value = handles[name];
  handles[name] = function (...words) {
    const file = nameOf(this.fd);
    const half = () => name.startsWith('write') && value.call(this, firstHalf(words[0]));
    const deed = async () => {
      if (name === 'sync') return void unsynced.delete(file);
      unsynced.add(file);
      return value.apply(this, words);
    };
    return laterStep(`handle.${name} ${file}`, 'changes', deed, half);
  };
}

const spawn = childProcess.spawn;
childProcess.spawn = (program, ...rest) => {
  const words = Array.isArray(rest[0]) ? rest[0] : [];
  const what = `spawn ${program} ${words.join(' ')}`.slice(0, 300);
  const fate = nextFate(what, 'changes');
  if (fate === undefined) return spawn(program, ...rest);
  if (fate === 'before' || fate === 'powerCut') return die();
  if (!DEATHS.includes(fate)) return failingSpawn(failure(what), rest);
  const child = spawn(program, ...rest);
  if (fate === 'after') return child.on('exit', die);
  if (fate === 'half') child.kill('SIGKILL');
  return die();
};

/** As the system answers when it cannot start a process. */
function failingSpawn(error, rest) {
  const child = spawn('/nonexistent/program', ...rest);
  const emit = child.emit;
  child.emit = function (event, ...words) {
    return emit.call(this, event, ...(event === 'error' ? [error] : words));
  };
  return child;
}

const execFileSync = childProcess.execFileSync;
childProcess.execFileSync = (program, ...rest) =>
  step(`spawn ${program}`, 'changes', () => execFileSync(program, ...rest));

syncBuiltinESMExports();
