/** Whether a text in the user's place was put there by Claude Code or by a recorder: plan mode, compaction, interrupts. */
export function isFrameworkText(text: string): boolean {
  const trimmed = text.trimStart();
  return text.includes('<!-- ox-hash:') || FRAMEWORK_STARTS.some((start) => trimmed.startsWith(start));
}

/** The text without the passages that Claude Code wrapped in its own tags, trimmed; empty when nothing else was there. */
export function stripFrameworkTags(text: string): string {
  return FRAMEWORK_TAGS.reduce(stripTag, text).trim();
}

const FRAMEWORK_STARTS = [
  'Entered plan mode.',
  'Plan mode is active.',
  'Plan mode still active',
  'This session is being continued from a previous conversation',
  '⏺ ',
  '⎿',
  '[Request interrupted',
] as const;

const FRAMEWORK_TAGS = [
  'system-reminder',
  'system_instruction',
  'system-instruction',
  'local-command-stdout',
  'local-command-stderr',
  'local-command-caveat',
  'command-name',
  'command-message',
  'command-args',
  'task-notification',
] as const;

/** By search, not by pattern: a text full of opening tags would keep a regular expression busy for minutes. */
function stripTag(text: string, tag: string): string {
  const open = `<${tag}>`;
  const close = `</${tag}>`;
  const kept: string[] = [];
  let from = 0;
  while (true) {
    const start = text.indexOf(open, from);
    const end = start === -1 ? -1 : text.indexOf(close, start);
    if (end === -1) return kept.length === 0 ? text : kept.join('') + text.slice(from);
    kept.push(text.slice(from, start));
    from = end + close.length;
  }
}
