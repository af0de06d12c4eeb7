// What the real `claude` does around a request that somebody hostile can turn to his ends, as it was measured with 2.1.100
// and 2.1.330: programs that settings, servers and git name are really run, files that the prompt mentions are really read.
// The stand-in in stand-in-claude.cjs does all of that when its scenario is `gullible`.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/** What one run did besides answering: programs that were run, files that were read, and what went to the API. */
exports.runGullibly = ({ argv, version, prompt }) => {
  const run = new GullibleRun(argv, version);
  run.start();
  // A command is not for the model.
  if (prompt.startsWith('/')) return run.deeds(undefined);
  const request = run.request(prompt);
  run.hooks('Stop', 'SessionEnd');
  return run.deeds(request);
};

class GullibleRun {
  ran = [];
  read = [];

  constructor(argv, version) {
    this.argv = argv;
    this.isLatest = version === '2.1.330';
    this.isBare = argv.includes('--bare');
    this.isSafe = argv.includes('--safe-mode');
    this.isRestricted = argv.includes('--restricted');
    const sources = this.isRestricted ? '' : (this.value('--setting-sources') ?? 'user,project,local');
    this.sources = sources.split(',');
    this.configFolder = process.env.CLAUDE_CONFIG_DIR ?? path.join(process.env.HOME ?? '/', '.claude');
    this.settings = this.readSettings();
    // Of settings, also over what we set ourselves.
    this.environment = Object.assign({}, process.env, ...this.settings.map(({ env }) => env));
  }

  start() {
    // The native program of 2.1.330 does not look at the repository around it.
    if (!this.isLatest && parents().some((folder) => fs.existsSync(path.join(folder, '.git')))) {
      this.spawn('git', ['status', '--porcelain']);
    }
    for (const { apiKeyHelper } of this.settings) if (apiKeyHelper) this.shell(apiKeyHelper);
    for (const { command, args = [] } of this.servers()) this.spawn(command, args);
    this.hooks('SessionStart', 'UserPromptSubmit');
  }

  request(prompt) {
    const system = this.value('--system-prompt') ?? 'the long default one';
    const memories = this.memoryFiles().flatMap((file) => this.contentOf(file));
    const messages = [...memories, ...this.mentioned(prompt), prompt];
    const tools = this.value('--tools') === '' ? [] : ['Bash', 'Read', 'Write'];
    // A model that does what the transcript wants of it.
    const wanted = tools.length > 0 ? [...prompt.matchAll(/use the Read tool on (\S+)/gi)] : [];
    for (const [, file] of wanted) messages.push(...this.contentOf(file));
    return { baseUrl: this.environment.ANTHROPIC_BASE_URL, system, messages, tools };
  }

  deeds(request) {
    return { ran: this.ran, read: this.read, ...(request && { request }) };
  }

  readSettings() {
    const named = {
      user: path.join(this.configFolder, 'settings.json'),
      project: path.join('.claude', 'settings.json'),
      local: path.join('.claude', 'settings.local.json'),
    };
    const files = this.sources.flatMap((source) => readJson(named[source]) ?? []);
    const given = this.value('--settings');
    return given === undefined ? files : [...files, JSON.parse(given)];
  }

  servers() {
    if (this.isBare || this.isSafe || this.argv.includes('--strict-mcp-config')) return [];
    const user = this.sources.includes('user') ? [path.join(this.configFolder, '.claude.json')] : [];
    const project = this.sources.includes('project') ? parents().map((folder) => path.join(folder, '.mcp.json')) : [];
    return [...user, ...project].flatMap((file) => Object.values(readJson(file)?.mcpServers ?? {}));
  }

  hooks(...events) {
    if (this.isBare || this.isSafe || this.settings.some(({ disableAllHooks }) => disableAllHooks)) return;
    const matchers = this.settings.flatMap(({ hooks }) => events.flatMap((event) => hooks?.[event] ?? []));
    for (const { command } of matchers.flatMap(({ hooks }) => hooks)) this.shell(command);
  }

  memoryFiles() {
    if (this.isBare || this.isSafe || this.isOn('CLAUDE_CODE_DISABLE_CLAUDE_MDS')) return [];
    const user = this.sources.includes('user') ? [this.configFolder] : [];
    const project = this.sources.includes('project') ? parents() : [];
    return [...user, ...project].map((folder) => path.join(folder, 'CLAUDE.md'));
  }

  /** What stands after an `@` at the beginning of a word is a file, and its content is sent along. */
  mentioned(prompt) {
    if (this.isOn('CLAUDE_CODE_DISABLE_ATTACHMENTS') || this.isBare || this.isRestricted) return [];
    if (this.isLatest && this.isOn('CLAUDE_CODE_DISABLE_FILE_MENTIONS')) return [];
    const mentions = [...prompt.matchAll(/(?<=^|\s)@(?:"([^"]+)"|(\S+))/g)].map(([, quoted, plain]) => {
      return quoted ?? plain.replace(/[.,;:!?)]+$/, '');
    });
    return mentions.flatMap((file) => this.contentOf(file.replace(/^~/, process.env.HOME ?? '~')));
  }

  contentOf(file) {
    try {
      const isFolder = fs.statSync(file).isDirectory();
      const content = isFolder ? fs.readdirSync(file).join('\n') : fs.readFileSync(file, 'utf8');
      this.read.push(file);
      return [content];
    } catch {
      return []; // Whatever a transcript names need not be there.
    }
  }

  shell(command) {
    this.spawn('sh', ['-c', command]);
  }

  spawn(program, words) {
    this.ran.push([program, ...words].join(' '));
    try {
      execFileSync(program, words, { env: this.environment, stdio: 'ignore' });
    } catch {
      // Its failure is nobody's concern: it has run.
    }
  }

  isOn(name) {
    return !['', '0', 'false', 'no', 'off'].includes(this.environment[name] ?? '');
  }

  value(flag) {
    const at = this.argv.indexOf(flag);
    return at === -1 ? undefined : this.argv[at + 1];
  }
}

/** The current folder and all above it. */
function parents() {
  const folders = [process.cwd()];
  while (path.dirname(folders[0]) !== folders[0]) folders.unshift(path.dirname(folders[0]));
  return folders;
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined; // Absent, or none that it would read.
  }
}
