#!/usr/bin/env node
// A stand-in for the `claude` program, installed by stand-in-claude.ts into a folder of its own. It takes the flags of
// the version that it plays, reads its prompt from stdin, does what `scenario.json` beside it says, and writes what
// happened to `calls.jsonl`. It reads nothing from the environment, which is not its own to choose; only as a `gullible` one
// it does what environment, settings and prompt want of the real program (gullible-claude.cjs beside it).
const { spawn } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const folder = __dirname;
const scenario = JSON.parse(fs.readFileSync(path.join(folder, 'scenario.json'), 'utf8'));
const argv = process.argv.slice(2);

const COMMON_FLAGS = `
  -p, --print                           Print the answer and exit
  --output-format <format>              Output format (only works with --print)
  --verbose                             Override the verbose setting; needed by
                                        --output-format stream-json
  --model <model>                       Model for the current session
  --settings <file-or-json>             Path to a settings file or a JSON string
  -v, --version                         Output the version number
  -h, --help                            Display help for command`;

const ISOLATION_FLAGS = `
  --tools <tools...>                    Which built-in tools are available. Use ""
                                        to disable all of them
  --allowedTools, --allowed-tools <tools...>  Tools to allow
  --setting-sources <sources>           Comma-separated list of setting sources
  --strict-mcp-config                   Only use servers from --mcp-config
  --disable-slash-commands              Disable all commands
  --no-session-persistence              Do not keep the session on disk
  --system-prompt <prompt>              System prompt to use
  --max-budget-usd <amount>             Highest amount to spend (only works with
                                        --print)`;

const LATEST_FLAGS = `
  --bare                                Minimal mode
  --safe-mode                           Start without customizations
  --restricted                          Keep out of files and settings that were
                                        not named on the command line`;

const VERSIONS = {
  latest: { version: '2.1.330', flags: COMMON_FLAGS + ISOLATION_FLAGS + LATEST_FLAGS },
  '2.1.100': { version: '2.1.100', flags: COMMON_FLAGS + ISOLATION_FLAGS },
  'too-old': { version: '1.0.43', flags: COMMON_FLAGS },
};
const HIDDEN_FLAGS = ['--max-turns', '--system-prompt-file'];

const played = VERSIONS[scenario.plays ?? 'latest'];

main();

async function main() {
  if (argv.includes('--version') || argv.includes('--help')) return answerProbe();
  const unknown = unknownFlag();
  if (unknown) return leave({ stderr: `error: unknown option '${unknown}'\n`, exitCode: 1 });
  const call = takeNumber();
  const startedMs = Date.now();
  const early = scenario.calls?.[Math.min(call, scenario.calls.length) - 1] ?? {};
  if (early.ignoreSigterm) process.on('SIGTERM', () => {});
  const prompt = early.ignoreStdin ? Buffer.alloc(0) : fs.readFileSync(0);
  log({ event: 'start', call, pid: process.pid, atMs: startedMs, ...situation(), ...described(prompt) });
  if (scenario.gullible) log({ event: 'deeds', call, pid: process.pid, ...gullibleDeeds(prompt.toString('utf8')) });
  const act = scenario.whenPromptHas?.find(({ text }) => prompt.includes(text))?.act ?? early;
  await perform(act, call, prompt.toString('utf8'));
}

async function perform(act, call, prompt) {
  if (act.grandchild) log({ event: 'grandchild', call, pid: startGrandchild() });
  if (act.litter) litter();
  if (act.stderrMegabytes) await complain(act.stderrMegabytes);
  if (act.closeStdout) fs.closeSync(1);
  if (act.closeStdout) return setInterval(() => {}, 60_000);
  if (act.delayMs) await new Promise((resolve) => setTimeout(resolve, act.delayMs));
  if (act.forever) return printForever(act.forever);
  if (act.hang) return setInterval(() => {}, 60_000);
  const end = outcome(act, prompt);
  log({ event: 'end', call, pid: process.pid, atMs: Date.now(), exitCode: end.exitCode ?? 0 });
  leave(end);
}

function outcome(act, prompt) {
  if (act.replay) {
    const { exit_code, signal, stderr } = JSON.parse(fs.readFileSync(`${act.replay}.exit.json`, 'utf8'));
    return { stdout: fs.readFileSync(`${act.replay}.jsonl`, 'utf8'), stderr, exitCode: exit_code, signal };
  }
  if (act.stdout !== undefined || act.stderr !== undefined || act.exitCode !== undefined || act.signal) return act;
  if (argv.includes('stream-json') && !argv.includes('--verbose')) {
    return { stderr: 'Error: stream-json needs --verbose\n', exitCode: 1 };
  }
  if (prompt === '') return { stderr: 'Error: Input must be provided through stdin\n', exitCode: 1 };
  return { stdout: successLines(act.answer ?? summaryOf(prompt), prompt) + (act.trailing ?? '') };
}

function leave({ stdout = '', stderr = '', exitCode = 0, signal = null }) {
  process.stderr.write(stderr);
  process.stdout.write(stdout, () => {
    if (signal) process.kill(process.pid, signal);
    else process.exit(exitCode ?? 0);
  });
}

function answerProbe() {
  log({ event: 'probe', pid: process.pid, atMs: Date.now(), ...situation() });
  if (scenario.probe?.hang) return setInterval(() => {}, 60_000);
  if (scenario.probe) return leave(scenario.probe);
  if (argv.includes('--version')) return leave({ stdout: `${played.version} (Claude Code)\n` });
  return leave({ stdout: `Usage: claude [options] [prompt]\n\nOptions:${played.flags}\n` });
}

/** The first flag that this version does not have; values of flags are passed over. */
function unknownFlag() {
  const definitions = played.flags.split('\n').map((line) => line.trim());
  for (let index = 0; index < argv.length; index += 1) {
    const flag = argv[index];
    const definition = definitions.find((line) => line.split(/[ ,]+/).includes(flag) && line.startsWith('-'));
    if (definition === undefined && !HIDDEN_FLAGS.includes(flag)) return flag;
    if (HIDDEN_FLAGS.includes(flag) || /^[^ ]+(?:, [^ ]+)* </.test(definition)) index += 1;
  }
  return undefined;
}

/** Calls may come at the same time: who can make the file owns the number. */
function takeNumber() {
  for (let call = 1; ; call += 1) {
    try {
      fs.closeSync(fs.openSync(path.join(folder, 'numbers', String(call)), 'wx'));
      return call;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}

function situation() {
  const cwd = process.cwd();
  const mode = (fs.statSync(cwd).mode & 0o777).toString(8);
  return { argv, cwd, cwdMode: mode, cwdFiles: fs.readdirSync(cwd), environmentKeys: Object.keys(process.env).sort() };
}

function gullibleDeeds(prompt) {
  return require('./gullible-claude.cjs').runGullibly({ argv, version: played.version, prompt });
}

function described(prompt) {
  const sha256 = createHash('sha256').update(prompt).digest('hex');
  const text = prompt.toString('utf8');
  const ends = { promptStart: text.slice(0, 200), promptEnd: text.slice(-300) };
  return { promptBytes: prompt.length, promptSha256: sha256, ...ends };
}

function log(event) {
  fs.appendFileSync(path.join(folder, 'calls.jsonl'), `${JSON.stringify(event)}\n`);
}

/** Holds our stdout open and hears no SIGTERM. */
function startGrandchild() {
  const code = 'process.on("SIGTERM", () => {}); setTimeout(() => {}, 60_000)';
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'inherit', 'ignore'] });
  child.unref();
  return child.pid;
}

async function complain(megabytes) {
  const line = Buffer.from(`${'something is not as it should be '.repeat(32)}\n`.repeat(1024));
  const lines = Math.ceil((megabytes * 1024 * 1024) / line.length);
  for (let number = 0; number < lines; number += 1) await new Promise((done) => process.stderr.write(line, done));
}

function litter() {
  fs.mkdirSync('closed/below', { recursive: true });
  for (const name of ['raw.jsonl', '.git', 'closed/file', 'closed/below/file']) fs.writeFileSync(name, name);
  fs.symlinkSync('/', 'root');
  fs.chmodSync('closed', 0o500);
}

function printForever(what) {
  const chunk =
    what === 'line' ? 'x'.repeat(65_536) : `${JSON.stringify({ type: 'system', subtype: 'status' })}\n`.repeat(500);
  const print = () => process.stdout.write(chunk, print);
  print();
}

function successLines(text, prompt) {
  const model = argv.includes('--model') ? argv[argv.indexOf('--model') + 1] : 'claude-default';
  const session_id = '00000000-0000-4000-8000-000000000000';
  const usage = {
    input_tokens: Math.ceil(prompt.length / 4),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
  };
  const output_tokens = Math.ceil(text.length / 4);
  const total_cost_usd = (usage.input_tokens + 5 * output_tokens) / 1e6;
  const content = [{ type: 'text', text }];
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model, content, stop_reason: null };
  const lines = [
    { type: 'system', subtype: 'init', session_id, model, tools: [], claude_code_version: played.version },
    { type: 'assistant', message, session_id },
    {
      stop_reason: 'end_turn',
      session_id,
      total_cost_usd,
      usage: { ...usage, output_tokens },
      is_error: false,
      num_turns: 1,
      subtype: 'success',
      terminal_reason: 'completed',
      result: text,
      type: 'result',
      duration_ms: 1,
    },
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** A summary that passes every check, the same for the same prompt. */
function summaryOf(prompt) {
  const hash = createHash('sha256').update(prompt).digest('hex').slice(0, 8);
  const request = /(?:kind|type|role)="user"[^>]*>\s*([^<\n]+)/.exec(prompt)?.[1] ?? '';
  const words =
    request.match(/[A-Za-z]{4,}/g)?.filter((word) => !/approve|permission|unfortunately|apologi/i.test(word)) ?? [];
  const title = `Session ${hash} ${words.slice(0, 5).join(' ')}`.trim();
  return JSON.stringify({
    title,
    summary: `${title}: the request was looked into, the cause was found, the change was made and its tests were run.`,
    key_actions: ['Looked into the request', 'Made the change', 'Ran the tests'],
    outcome: 'success',
    topics_found: ['testing'],
    chapter_titles: ['Request', 'Change'],
    aha_moments: [{ seq: 0, role: 'user', type: 'question', highlight: title, why: 'It started the work.' }],
    sageox_insights: [],
    quality_category: 'share',
    quality_score: 0.8,
    score_reason: 'A change with its tests.',
  });
}
