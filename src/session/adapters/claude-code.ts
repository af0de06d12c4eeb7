import type { TranscriptAdapter } from './adapter.ts';
import { readClaudeCodeLine } from './claude-code-line.ts';
import { parseJsonLines } from './source-line.ts';

/** Claude Code: `~/.claude/projects/<folder>/<session>.jsonl`. */
export const claudeCode: TranscriptAdapter = {
  name: 'claude-code',
  names: new Set(['claude-code', 'claude', 'claudecode', 'claude_code']),
  parse: (lines) => parseJsonLines(lines, readClaudeCodeLine),
};
