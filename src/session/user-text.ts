import { IMAGE_MARK } from './image-mark.ts';

/** What agents write into the user's turn by themselves: the pair of tags and what is between them. */
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
  'command-contents',
  'task-notification',
  'bash-input',
  'bash-stdout',
  'bash-stderr',
  'ide_opened_file',
  'ide_selection',
  'user-prompt-submit-hook',
] as const;

const FRAMEWORK_BEGINNINGS = [
  'Entered plan mode.',
  'Plan mode is active',
  'Plan mode still active',
  'This session is being continued from a previous conversation',
  'Caveat: The messages below',
  'Base directory for this skill:',
  '[Request interrupted',
  '⏺ ',
  '⎿',
] as const;

const SKILL_EXPANSION = '<!-- ox-hash:';
const SLASH_COMMAND = /^\/[a-z][\w:.-]*(?=\s|$)/i;
const ONLY_IMAGES = new RegExp(`^(?:\\s*${IMAGE_MARK.source})+\\s*$`, 'i');

/** Does a user's turn hold words of the user, and not only what the agent or a slash command put there? */
export function isRealRequest(text: string): boolean {
  return requestText(text) !== undefined;
}

/** The user's own words in a user's turn; undefined when there are none. */
export function requestText(text: string): string | undefined {
  if (text.includes(SKILL_EXPANSION)) return undefined;
  const words = stripFrameworkTags(text);
  if (words === '' || ONLY_IMAGES.test(words) || SLASH_COMMAND.test(words)) return undefined;
  return isFrameworkText(words) ? undefined : words;
}

/** Whether a text in the user's place was put there by the agent or a recorder: plan mode, compaction, interrupts. */
export function isFrameworkText(text: string): boolean {
  const trimmed = text.trimStart();
  return text.includes(SKILL_EXPANSION) || FRAMEWORK_BEGINNINGS.some((beginning) => trimmed.startsWith(beginning));
}

/** The text without the passages that an agent wrapped in its own tags, trimmed; empty when nothing else was there. */
export function stripFrameworkTags(text: string): string {
  return FRAMEWORK_TAGS.reduce(withoutTag, text).trim();
}

/** The name of the slash command that a user's turn is: `/compact`. */
export function slashCommand(text: string): string | undefined {
  const named = /<command-name>\s*(\/?[\w:.-]+)/.exec(text)?.[1] ?? SLASH_COMMAND.exec(text.trimStart())?.[0];
  return named === undefined || named.startsWith('/') ? named : `/${named}`;
}

/** What a person put in: their own words, or the slash command with what they wrote behind it. */
export function spokenText(text: string): string | undefined {
  const command = slashCommand(text);
  const typed = command === undefined || isFrameworkText(text) ? '' : stripFrameworkTags(text);
  return requestText(text) ?? (command !== undefined && typed.startsWith(command) ? typed : command);
}

// Searched by hand: with a regular expression, many openings without an end would cost quadratic time.
function withoutTag(text: string, tag: string): string {
  const [opening, ending] = [`<${tag}>`, `</${tag}>`];
  let start = text.indexOf(opening);
  if (start === -1) return text;
  const kept: string[] = [];
  let from = 0;
  while (start !== -1) {
    const end = text.indexOf(ending, start);
    if (end === -1) break;
    kept.push(text.slice(from, start));
    from = end + ending.length;
    start = text.indexOf(opening, from);
  }
  return kept.join('') + text.slice(from);
}
