import { type JsonObject, parseObject, stringAt } from './json-object.ts';
import { shortLine } from './plain-text.ts';
import type { Entry } from './transcript.ts';

/** A tool call with its arguments as an object; what is not JSON stays reachable as `text`. */
export interface ToolCall {
  readonly name: string;
  readonly input: JsonObject;
  readonly text: string;
}

export type ToolKind = 'edit' | 'test' | 'explore' | 'execute' | 'other';

const EDIT_TOOLS = new Set(
  'edit write multiedit notebookedit strreplaceeditor strreplacebasededittool applypatch editfile writefile createfile replace writetofile replaceinfile searchreplace'.split(
    ' ',
  ),
);
const SHELL_TOOLS = new Set(
  'bash shell shellcommand localshell execcommand runterminalcmd runshellcommand executecommand runcommand terminal powershell'.split(
    ' ',
  ),
);
const EXPLORE_TOOL = /^(?:read|grep|glob|ls|list|search|find|view|web|fetch|codebasesearch|toolsearch)/;
const TEST_COMMAND =
  /(?:^|[\s;&|/])(?:vitest|jest|pytest|mocha|rspec|phpunit|ctest|playwright|cypress|tox)\b|\b(?:npm|pnpm|yarn|bun|deno|node|go|cargo|make|mvn|gradlew?|dotnet|swift|bazel|mix|rake)\s[^;&|\n]{0,60}?\btest/;
const NAME_MAX = 80;

export function parseToolCall(entry: Entry): ToolCall {
  const text = entry.toolInput ?? '';
  return { name: shortLine(entry.toolName ?? 'tool', NAME_MAX), input: parseArguments(text) ?? {}, text };
}

export function classifyTool(call: ToolCall): ToolKind {
  const name = toolKey(call.name);
  if (isEdit(call)) return 'edit';
  const command = shellCommand(call);
  if (command !== undefined) return TEST_COMMAND.test(command) ? 'test' : 'execute';
  if (EXPLORE_TOOL.test(name) || call.input.command === 'view') return 'explore';
  return 'other';
}

export function isEdit(call: ToolCall): boolean {
  if (call.input.command === 'view') return false;
  return EDIT_TOOLS.has(toolKey(call.name)) || (SHELL_TOOLS.has(toolKey(call.name)) && isPatch(call.text));
}

/** The command line of a shell call; undefined for any other tool. */
export function shellCommand(call: ToolCall): string | undefined {
  if (!SHELL_TOOLS.has(toolKey(call.name))) return undefined;
  const { command } = call.input;
  if (Array.isArray(command)) return argvText(command.filter((part) => typeof part === 'string'));
  return stringAt(call.input, 'command', 'cmd', 'script') ?? (call.text === '' ? undefined : call.text);
}

/** What a call was about, in one bounded line: its command, file, pattern or address. */
export function toolTarget(call: ToolCall, max: number): string {
  const target =
    shellCommand(call) ??
    filePath(call) ??
    stringAt(call.input, 'pattern', 'query', 'url', 'description', 'subject', 'prompt', 'skill', 'name');
  return target === undefined ? '' : shortLine(target, max);
}

/** The same with what a search looked for: many have the same folder. */
export function callTarget(call: ToolCall, max: number): string {
  const [pattern, path] = [stringAt(call.input, 'pattern'), filePath(call)];
  if (pattern === undefined || path === undefined) return toolTarget(call, max);
  return `${shortLine(pattern, max / 2)} in ${shortLine(path, max)}`;
}

export function filePath(call: ToolCall): string | undefined {
  return stringAt(call.input, 'file_path', 'notebook_path', 'path', 'target_file', 'filePath', 'absolute_path');
}

const isPatch = (text: string): boolean => text.includes('*** Begin Patch');

const toolKey = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');

/** Arguments as an object; undefined for those that are no JSON, which are arguments all the same. */
export function parseArguments(text: string): JsonObject | undefined {
  return text.trimStart().startsWith('{') ? parseObject(text) : undefined;
}

/** `["bash", "-lc", "npm test"]` is about `npm test`. */
function argvText(argv: readonly string[]): string {
  const [program = '', flag = '', script] = argv;
  const isWrapped = /(?:^|\/)(?:ba|z|da)?sh$/.test(program) && /^-\w*c$/.test(flag);
  return isWrapped && script !== undefined ? script : argv.join(' ');
}
