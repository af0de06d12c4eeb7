import type { Outline } from './outline.ts';

const MAX_TOPICS = 10;
const LANGUAGES: Readonly<Record<string, string>> = {
  ts: 'typescript',
  tsx: 'typescript',
  mts: 'typescript',
  js: 'javascript',
  jsx: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  py: 'python',
  ipynb: 'python',
  rb: 'ruby',
  rs: 'rust',
  kt: 'kotlin',
  cs: 'c#',
  cc: 'c++',
  cpp: 'c++',
  hpp: 'c++',
  sh: 'shell',
  md: 'markdown',
  mdx: 'markdown',
  yml: 'yaml',
  tf: 'terraform',
};
/** Folders that every project has. */
const COMMON_FOLDERS = new Set(
  'src lib libs app apps pkg packages internal cmd main java home users tmp var usr work workspace repo repos project projects code dev test tests'.split(
    ' ',
  ),
);
const COMMON_PROGRAMS = new Set(
  'cd ls ll pwd cat head tail less more grep rg find echo which wc sed awk cp mv rm mkdir touch export sudo env true sleep test set source time timeout xargs'.split(
    ' ',
  ),
);

/** What a session was about, as far as names tell it: languages, folders, programs, services; each by how often. */
export function topicsOf({ filesChanged, commands, toolCounts }: Outline): readonly string[] {
  const paths = filesChanged.map(({ path }) => path);
  const topics = [
    ...ranked(paths.map(language), 3),
    ...ranked(paths.map(folder), 3),
    ...ranked(commands.map(program), 3),
    ...ranked(Object.keys(toolCounts).map(service), 3),
  ];
  return [...new Set(topics)].slice(0, MAX_TOPICS);
}

/** The most frequent, equals by name. */
function ranked(names: readonly (string | undefined)[], max: number): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of names) {
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, max)
    .map(([name]) => name);
}

function language(path: string): string | undefined {
  const extension = /\.([a-z0-9]{1,6})$/i.exec(path)?.[1]?.toLowerCase();
  if (extension === undefined) return undefined;
  return Object.hasOwn(LANGUAGES, extension) ? LANGUAGES[extension] : extension;
}

/** The innermost folder with a name of its own; the user's home tells nothing about the work. */
function folder(path: string): string | undefined {
  const folders = path
    .replace(/^(?:[A-Z]:)?[\\/](?:home|Users)[\\/][^\\/]+[\\/]/, '')
    .split(/[\\/]/)
    .slice(0, -1);
  return folders.findLast((name) => /^[\w.-]{2,40}$/.test(name) && !COMMON_FOLDERS.has(name.toLowerCase()));
}

function program(command: string): string | undefined {
  const names = command
    .split(/&&|\|\||[;|]/)
    .map((part) => /^\s*(?:\w+=\S*\s+)*([\w.-]{2,30})(?=\s|$)/.exec(part)?.[1]);
  return names.find((name) => name !== undefined && !COMMON_PROGRAMS.has(name));
}

/** `mcp__github__create_issue` is about `github`. */
function service(tool: string): string | undefined {
  return /^mcp__([\w-]{2,40}?)__/.exec(tool)?.[1];
}
