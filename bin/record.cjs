// Claude Code starts this at the beginning of each session (setup recorder): it notes that one is recorded, for a pass to
// finish once the agent is gone. Nothing here may hold up the session: whatever is wrong, it says nothing and ends well.
// The marker is `.recording.json` as recorders of ledgers write it.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const MARKER = '.recording.json';
const SHELL = /^-?(?:ba|da|k|z|fi)?sh$|^cmd(?:\.exe)?$/;

/** `cache`: where the sessions of a ledger wait; `projects`: whose sessions are recorded. */
function record(cache, projects) {
  const { session_id: id, transcript_path: transcript, cwd, source } = JSON.parse(fs.readFileSync(0, 'utf8'));
  // The agent of a pass is no session of anybody's.
  if (process.env.AGENTWORK_PASS || !id || !transcript || !cwd) return;
  const project = projects.find((folder) => isWithin(cwd, folder));
  if (project === undefined || !fs.existsSync(cache)) return;
  const now = new Date();
  const agent = `Ox${id.replace(/[^0-9A-Za-z]/g, '').slice(0, 6)}`;
  const folder = path.join(cache, known(cache, agent, id) ?? nameOf(now, agent));
  const before = markerIn(folder);
  const marker = {
    ...{ agent_id: agent, started_at: now.toISOString(), adapter_name: 'claude-code', session_file: transcript },
    ...{ output_file: path.join(folder, 'raw.jsonl'), session_path: folder, entry_count: 0 },
    ...{ last_reminder_seq: 0, reminder_interval: 50 },
    // What was said before is another session's, or was said before anybody recorded.
    ...(source === 'resume' && !before && { start_offset: sizeOf(transcript) }),
    ...before,
    ...{ agent_session_id: id, workspace_path: project, branch: branchOf(cwd), parent_pid: agentPid() },
    ...{ last_hook_at: now.toISOString() },
  };
  // Where the clone is gone, so is the folder of its sessions: it is not made anew.
  if (!fs.existsSync(folder)) fs.mkdirSync(folder, { mode: 0o700 });
  const temp = path.join(folder, `${MARKER}.${process.pid}.tmp`);
  fs.writeFileSync(temp, `${JSON.stringify(marker, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
  fs.renameSync(temp, path.join(folder, MARKER));
}

/** The folder of a session that goes on. */
function known(cache, agent, id) {
  const isOf = (name) => name.endsWith(`-${agent}`) && markerIn(path.join(cache, name))?.agent_session_id === id;
  return fs.readdirSync(cache).find(isOf);
}

function markerIn(folder) {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, MARKER), 'utf8'));
  } catch {
    return undefined;
  }
}

function sizeOf(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** `2026-01-06T14-32-ryan-Ox7f3a`, by the clock on the wall. */
function nameOf(now, agent) {
  const two = (number) => String(number).padStart(2, '0');
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-');
  const user = os.userInfo().username.replace(/[^\w.-]/g, '_');
  return `${day}T${two(now.getHours())}-${two(now.getMinutes())}-${user}-${agent}`;
}

/** Read from git's own files: to start it takes longer than all the rest. */
function branchOf(cwd) {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    try {
      return /^ref: refs\/heads\/(.*)$/m.exec(fs.readFileSync(path.join(folder, '.git', 'HEAD'), 'utf8'))?.[1];
    } catch {
      if (path.dirname(folder) === folder) return undefined;
    }
  }
}

/** The agent starts us through a shell, which is gone at once. */
function agentPid() {
  const parent = process.ppid;
  try {
    if (process.platform === 'linux') {
      const [, name, grandparent] = /^\d+ \((.*)\) . (\d+)/.exec(fs.readFileSync(`/proc/${parent}/stat`, 'utf8'));
      return SHELL.test(name) ? Number(grandparent) : parent;
    }
    const [grandparent, ...name] = execFileSync('ps', ['-o', 'ppid=,comm=', '-p', String(parent)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return SHELL.test(path.basename(name.join(' '))) ? Number(grandparent) : parent;
  } catch {
    return parent;
  }
}

function isWithin(cwd, folder) {
  const way = path.relative(folder, cwd);
  return way.split(path.sep)[0] !== '..' && !path.isAbsolute(way);
}

try {
  const [cache, ...projects] = process.argv.slice(2);
  record(cache, projects);
} catch {
  // The session is more than its record.
}
