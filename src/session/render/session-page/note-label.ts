import { oneLine, shortLine } from '../../plain-text.ts';

const PREVIEW_CHARS = 100;

/** What a framework puts beside the conversation, by how it begins. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^\s*<(?:command-name|command-message)>/, 'Command'],
  [/^\s*<(?:local-command-|bash-)std(?:out|err)>/, 'Command output'],
  [/^\s*<bash-input>/, 'Shell'],
  [/^\s*<task-notification>/, 'Task'],
  [/^\s*<(?:system-reminder|system[_-]instruction)>/, 'Reminder'],
  [/^\s*This session is being continued from a previous conversation/, 'Compaction'],
];

export interface NoteLabel {
  readonly kind: string;
  /** What it says, on one bounded line. */
  readonly preview: string;
}

/** How a note that is neither of the user nor of the agent is called, without the tags that it came in. */
export function labelNote(text: string, otherwise: string): NoteLabel {
  const kind = KINDS.find(([pattern]) => pattern.test(text))?.[1];
  if (kind === undefined) return { kind: otherwise, preview: shortLine(text, PREVIEW_CHARS) };
  const preview =
    kind === 'Command' ? commandLine(text) : text.slice(0, 10 * PREVIEW_CHARS).replace(/<\/?[a-z][\w-]{0,40}>/g, ' ');
  return { kind, preview: shortLine(preview, PREVIEW_CHARS) };
}

/** `/init be brief` */
function commandLine(text: string): string {
  const head = text.slice(0, 10 * PREVIEW_CHARS);
  const [, name = ''] = /<command-name>([^<]{0,80})</.exec(head) ?? /<command-message>([^<]{0,80})</.exec(head) ?? [];
  const [, words = ''] = /<command-args>([^<]{0,500})/.exec(head) ?? [];
  return oneLine(`${name.startsWith('/') ? '' : '/'}${name} ${words}`);
}
