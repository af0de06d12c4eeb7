import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS } from '../../src/clock.ts';
import { processes } from './crash.ts';
import { secondClone, type TemporaryLedger, temporaryLedger } from './ledger-dir.ts';
import { closePaperRepository, openPaperRepository } from './paper-git.ts';

export const SECRET = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');
export const SECRET_GONE = '[REDACTED_GITHUB_TOKEN]';
/** With less in it, a session would be too brief for an agent. */
const WORDS = ' find out why the nightly export writes an empty file on the first day of every single month';

export const KINDS = [
  ...[
    'committed',
    'untracked',
    'secret',
    'malformed',
    'committedSecret',
    'cached',
    'cachedSecret',
    'longer',
    'shorter',
  ],
  ...['namesake', 'abandonedWithTranscript', 'abandonedShort', 'abandonedAlone', 'cut', 'ghost', 'cachedGhost'],
  ...['stub', 'pointer', 'draft', 'cachedDraft', 'held', 'grown', 'live', 'cachedLive', 'unreadable', 'foreign'],
] as const;
export type Kind = string;

/** One recorded session. */
export interface Player {
  readonly id: string;
  readonly kind: Kind;
  readonly name: string;
  /** Where its recorder has it. */
  readonly folder: string;
  readonly startedAt: number;
  readonly transcript: string;
  readonly pid: number;
  /** Entries that were ever recorded. */
  entries: number;
}

/** Where commits go: git itself, or paper. */
interface Vault {
  committed(basename: string): readonly string[];
  setRefusing(isRefusing: boolean): void;
  pushFromElsewhere(files: Readonly<Record<string, string>>): void;
  pull(): void;
  close(): void;
}

/** A machine with a clone, two caches, agents' transcripts and recorders, at its own time. */
export class Scene {
  readonly root: string;
  readonly home: string;
  readonly stateDir: string;
  readonly caches: readonly [inTree: string, atHome: string];
  readonly environment: NodeJS.ProcessEnv;
  readonly players: readonly Player[];
  readonly vault: Vault;
  readonly #base: string | undefined;
  #pids = 0;
  #visitors = 0;
  now = Math.floor(Date.now() / 1000) * 1000;

  constructor(kinds: readonly Kind[], isOnPaper: boolean) {
    const clone = isOnPaper ? undefined : temporaryLedger();
    const base = clone ? clone.scratch : realpathSync(mkdtempSync(path.join(tmpdir(), 'agentwork-test-')));
    this.#base = clone ? undefined : base;
    this.root = clone?.root ?? path.join(base, 'ledger');
    this.home = path.join(base, 'home');
    this.stateDir = path.join(this.root, '.git', 'agentwork');
    this.caches = [
      path.join(this.root, '.sageox', 'cache', 'sessions'),
      path.join(this.home, '.cache', 'sageox', 'sessions', 'ledger', 'sessions'),
    ];
    for (const folder of [...this.caches, path.join(this.root, '.git'), path.join(this.home, 'tmp')]) {
      mkdirSync(folder, { recursive: true });
    }
    this.environment = { ...(clone?.environment ?? {}), HOME: this.home };
    processes.clear();
    this.#write(path.join(this.root, '.gitignore'), '.sageox/\n.recording.json\n');
    const committed = ['.gitignore'];
    this.players = kinds.map((kind, index) => this.#enter(kind, index, committed));
    this.vault = clone ? new GitVault(clone, committed) : new PaperVault(this, committed);
  }

  close(): void {
    this.vault.close();
    if (this.#base !== undefined) rmSync(this.#base, { recursive: true, force: true });
  }

  /** A recorder goes on: with the marker of a living process, or, as some did, without any. */
  append(player: Player): void {
    const raw = path.join(player.folder, 'raw.jsonl');
    if (!existsSync(raw) || UNTOUCHED.has(player.kind)) return;
    const line = this.line(player, player.entries++, this.now);
    appendFileSync(raw, readFileSync(raw, 'utf8').endsWith('\n') ? `${line}\n` : `\n${line}\n`);
    this.#stamp(raw);
  }

  /** The agent writes into its transcript; whether its recorder sees it is another question. */
  speak(player: Player): void {
    if (!existsSync(player.transcript)) return;
    appendFileSync(player.transcript, `${this.#spoken(player, player.entries++, this.now)}\n`);
    this.#stamp(player.transcript);
  }

  /** The agent clears away its old transcripts. */
  forget(player: Player): void {
    rmSync(player.transcript, { force: true });
  }

  die(player: Player): void {
    processes.delete(player.pid);
  }

  /** Somebody records into a session of before again. */
  resume(player: Player): void {
    if (!existsSync(player.folder) || UNTOUCHED.has(player.kind)) return;
    processes.set(player.pid, this.now);
    this.#mark(player, { started_at: isoTime(this.now) });
  }

  /** The recorder is told to stop: it says so in its marker, or takes it away. */
  stop(player: Player, isTidy: boolean): void {
    const marker = path.join(player.folder, '.recording.json');
    if (!existsSync(marker)) return;
    processes.delete(player.pid);
    if (isTidy) rmSync(marker);
    else this.#mark(player, { stopped_at: isoTime(this.now) });
  }

  /** A colleague pushes a session of his own, or finishes one of ours. */
  visit(player: Player | undefined): void {
    const ours = path.join(this.root, 'sessions', player?.name ?? '', 'raw.jsonl');
    const name = player && existsSync(ours) ? player.name : `2026-01-06T14-32-mia-OxVis${++this.#visitors}`;
    const folder = `sessions/${name}`;
    const recorded =
      player?.name === name ? readFileSync(ours, 'utf8') : `{"type":"user","content":"${name}","seq":0}\n`;
    const told = summary(recorded, recorded.split('"seq":').length - 1);
    const files = { 'summary.md': '#', 'summary.json': told, 'session.html': '<p>', 'session.md': '#' };
    const entries = Object.entries({ 'raw.jsonl': recorded, ...files });
    this.vault.pushFromElsewhere(Object.fromEntries(entries.map(([file, text]) => [`${folder}/${file}`, text])));
  }

  /** Folders in which nobody but their owner may change anything now. */
  untouchables(): readonly string[] {
    const isLive = ({ folder, pid }: Player) => processes.has(pid) && existsSync(path.join(folder, '.recording.json'));
    const owned = this.players.filter((player) => UNTOUCHED.has(player.kind) || isLive(player));
    return [...owned.map(({ folder }) => folder), path.join(this.home, 'transcripts')];
  }

  line({ id }: Player, n: number, at: number, more = ''): string {
    const type = n % 2 === 0 ? 'user' : 'assistant';
    return JSON.stringify({ type, content: `ENTRY-${id}-${n}${WORDS}. ${more}`, timestamp: isoTime(at), seq: n });
  }

  #enter(kind: Kind, index: number, committed: string[]): Player {
    const id = `Ox${kind.slice(0, 2).toUpperCase()}${String(index).padStart(2, '0')}`;
    const isNew = kind === 'live' || kind === 'cachedLive';
    const startedAt = this.now - (isNew ? HOUR_MS : (index + 2) * DAY_MS);
    const name = `${isoTime(startedAt).slice(0, 16).replace(':', '-')}-ryan-${id}`;
    const isCached = /^cached|^held$|^stub$|^cut$|^longer$|^shorter$|^namesake$|^abandonedShort$|^foreign$/.test(kind);
    const base = isCached ? this.caches[index % 2 === 0 ? 0 : 1] : path.join(this.root, 'sessions');
    const transcript = path.join(this.home, 'transcripts', `${id}.jsonl`);
    const pid = 1_000_000 + ++this.#pids;
    const player = { id, kind, name, folder: path.join(base, name), startedAt, transcript, pid, entries: 0 };
    if (isNew) processes.set(pid, startedAt - MINUTE_MS);
    this.#furnish(player, committed);
    return player;
  }

  #furnish(player: Player, committed: string[]): void {
    const { kind, folder, name } = player;
    const inLedger = path.join(this.root, 'sessions', name);
    const commit = (file: string) => committed.push(`sessions/${name}/${file}`);
    const put = (file: string, text: string, at = folder) => this.#write(path.join(at, file), text);
    const raw = (count: number, more = '', at = folder) => put('raw.jsonl', this.#raw(player, count, more), at);

    if (/^(committed|untracked|cached|abandonedAlone|live|cachedLive|held|malformed)$/.test(kind)) raw(4);
    if (/secret/i.test(kind)) raw(4, `use ${SECRET} there`);
    if (/^committed/.test(kind)) commit('raw.jsonl');
    if (kind === 'malformed')
      appendFileSync(path.join(folder, 'raw.jsonl'), `{"type":"user","content":"ENTRY-${player.id}-torn\n`);
    if (/^(longer|shorter|namesake)$/.test(kind)) {
      const [there, here] = kind === 'shorter' ? [5, 3] : [3, 5];
      raw(there, '', inLedger);
      commit('raw.jsonl');
      const other = { ...player, startedAt: player.startedAt + 20_000, id: `${player.id}b` };
      put('raw.jsonl', this.#raw(kind === 'namesake' ? other : player, here));
      player.entries = 5;
    }
    if (/^abandoned|^cut$|^ghost$|^cachedGhost$|^live$|^cachedLive$/.test(kind)) this.#mark(player);
    if (kind === 'abandonedWithTranscript' || kind === 'live') this.#transcript(player, 4);
    if (kind === 'abandonedShort' || kind === 'cut') this.#captured(player);
    if (kind === 'stub') put('raw.jsonl', `${header(player)}\n`);
    if (kind === 'pointer') put('raw.jsonl', POINTER);
    if (kind === 'pointer') commit('raw.jsonl');
    if (/draft/i.test(kind)) put('meta.json', JSON.stringify({ session_name: name, draft: true, files: {} }), inLedger);
    if (/draft/i.test(kind)) commit('meta.json');
    if (kind === 'cachedDraft') raw(4);
    if (kind === 'held') put('.held', '');
    if (kind === 'grown') this.#grown(player, committed);
    if (kind === 'unreadable') put('raw.jsonl', `not json ENTRY-${player.id}-0\nnor this ENTRY-${player.id}-1\n`);
    if (kind === 'foreign')
      put('raw.jsonl', `${header(player, { repo_id: 'other' })}\n${this.line(player, 0, player.startedAt)}\n`);
  }

  /** A recorder took over two lines of the transcript, and died; or half-way through the third. */
  #captured(player: Player): void {
    const offsets = this.#transcript(player, 5);
    const whole = this.#raw(player, 2, '', false);
    const third = `${this.line(player, 2, player.startedAt)}\n`;
    const isCut = player.kind === 'cut';
    this.#write(path.join(player.folder, 'raw.jsonl'), isCut ? whole + third : whole);
    player.entries = 5;
    this.#mark(player, { source_offset: offsets[2] });
    if (!isCut) return;
    const [size, end] = [whole.length, whole.length + third.length];
    const journal = { raw_size: size, final_size: end, old_offset: offsets[2], new_offset: offsets[3] };
    this.#write(path.join(player.folder, 'raw.jsonl.append.json'), JSON.stringify(journal));
  }

  #grown(player: Player, committed: string[]): void {
    const before = this.#raw(player, 2);
    const files = { 'summary.md': '#', 'summary.json': summary(before, 2), 'session.html': '<p>', 'session.md': '#' };
    for (const [file, text] of Object.entries({ 'raw.jsonl': this.#raw(player, 4), 'meta.json': '{}', ...files })) {
      this.#write(path.join(player.folder, file), text);
      committed.push(`sessions/${player.name}/${file}`);
    }
  }

  #raw(player: Player, count: number, more = '', isClosed = true): string {
    const { startedAt } = player;
    player.entries = count;
    const lines = Array.from({ length: count }, (_, n) =>
      this.line(player, n, startedAt + n * MINUTE_MS, n === 1 ? more : ''),
    );
    const footer = JSON.stringify({ closed_at: isoTime(startedAt + HOUR_MS / 2), entry_count: count, type: 'footer' });
    return [header(player), ...lines, ...(isClosed ? [footer] : []), ''].join('\n');
  }

  /** Byte offsets at which its lines begin. */
  #transcript(player: Player, count: number): readonly number[] {
    const lines = Array.from(
      { length: count },
      (_, n) => `${this.#spoken(player, n, player.startedAt + n * MINUTE_MS)}\n`,
    );
    this.#write(player.transcript, lines.join(''), player.startedAt + HOUR_MS / 2);
    player.entries = Math.max(player.entries, count);
    return lines.map((_, n) => lines.slice(0, n).join('').length);
  }

  #spoken({ id }: Player, n: number, at: number): string {
    return JSON.stringify({
      role: n % 2 === 0 ? 'user' : 'assistant',
      content: `ENTRY-${id}-${n}${WORDS}.`,
      timestamp: isoTime(at),
    });
  }

  #mark({ folder, id, startedAt, pid, transcript }: Player, more: object = {}): void {
    const marker = { agent_id: id, started_at: isoTime(startedAt), adapter_name: 'generic', session_file: transcript };
    this.#write(path.join(folder, '.recording.json'), JSON.stringify({ ...marker, parent_pid: pid, ...more }));
  }

  #write(file: string, text: string, at = this.now - HOUR_MS): void {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    utimesSync(file, at / 1000, at / 1000);
  }

  #stamp(file: string): void {
    utimesSync(file, this.now / 1000, this.now / 1000);
  }
}

/** Kinds whose folders are nobody's to change. */
const UNTOUCHED: ReadonlySet<Kind> = new Set(['held', 'foreign', 'pointer', 'draft']);
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 18233\n`;

function header({ id, startedAt }: Player, more: object = {}): string {
  const metadata = {
    version: '1.0',
    created_at: isoTime(startedAt),
    agent_id: id,
    agent_type: 'generic',
    username: 'ryan',
  };
  return JSON.stringify({ type: 'header', metadata: { ...metadata, ...more } });
}

function summary(recorded: string, entries: number): string {
  const input = { sha256: 'a'.repeat(64), bytes: recorded.length, entries };
  const told = { title: 'Fix it', summary: 'It was broken and now it works.', key_actions: ['a'], outcome: 'success' };
  return JSON.stringify({ ...told, topics_found: [], agentwork: { version: 1, input, agent: 'claude' } });
}

class PaperVault implements Vault {
  readonly #repository;

  constructor({ root }: Scene, committed: readonly string[]) {
    this.#repository = openPaperRepository(root);
    this.#repository.begin(committed);
  }

  committed(basename: string): readonly string[] {
    return this.#repository.committed(basename);
  }

  setRefusing(isRefusing: boolean): void {
    this.#repository.refusal = isRefusing ? 'the remote is down' : undefined;
  }

  pushFromElsewhere(files: Readonly<Record<string, string>>): void {
    this.#repository.pushFromElsewhere(files);
  }

  pull(): void {
    this.#repository.pull();
  }

  close(): void {
    closePaperRepository(this.#repository);
  }
}

class GitVault implements Vault {
  readonly #clone: TemporaryLedger;
  #elsewhere: ReturnType<typeof secondClone> | undefined;
  #known: { readonly commits: string; readonly texts: Map<string, readonly string[]> } | undefined;

  constructor(clone: TemporaryLedger, committed: readonly string[]) {
    this.#clone = clone;
    clone.git('add', '--force', '--', ...committed);
    clone.git('commit', '--quiet', '--message', 'record sessions');
    clone.git('push', '--quiet', '--set-upstream', 'origin', 'main');
  }

  committed(basename: string): readonly string[] {
    const commits = this.#clone.git('rev-parse', 'HEAD', 'origin/main');
    if (this.#known?.commits !== commits) this.#known = { commits, texts: new Map() };
    const { texts } = this.#known;
    const known = texts.get(basename) ?? this.#read(basename);
    texts.set(basename, known);
    return known;
  }

  setRefusing(isRefusing: boolean): void {
    this.#clone.git('config', 'remote.origin.pushurl', isRefusing ? '/nowhere' : this.#clone.remote);
  }

  pushFromElsewhere(files: Readonly<Record<string, string>>): void {
    this.#elsewhere ??= secondClone(this.#clone);
    const { root, git } = this.#elsewhere;
    git('pull', '--quiet', '--rebase');
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      writeFileSync(path.join(root, file), text);
    }
    git('add', '--all');
    if (git('status', '--porcelain') !== '') {
      git('-c', 'user.name=Mia', '-c', 'user.email=mia@example.com', 'commit', '--quiet', '--message', 'finish');
      git('push', '--quiet');
    }
    this.#clone.git('fetch', '--quiet');
  }

  pull(): void {
    try {
      this.#clone.git('pull', '--quiet', '--rebase');
    } catch {
      // Files of ours are in the way: whoever pulls sees to it, and here nobody does.
      if (readdirSync(path.join(this.#clone.root, '.git')).includes('rebase-merge'))
        this.#clone.git('rebase', '--abort');
    }
  }

  close(): void {}

  #read(basename: string): readonly string[] {
    const objects = this.#clone.git('rev-list', '--objects', 'HEAD', 'origin/main').split('\n');
    const ids = objects.filter((line) => path.posix.basename(line) === basename).map((line) => line.slice(0, 40));
    // One after the other, and nothing else: what is asked of it is lines.
    return ids.length === 0 ? [] : [this.#clone.git('show', ...new Set(ids))];
  }
}
