import { IMAGE_MARK } from '../../image-mark.ts';
import { escapeVisible } from '../escape.ts';
import { html, type Part, trusted } from '../markup.ts';
import { renderCode } from './code-html.ts';

const IMAGE = new RegExp(`(${IMAGE_MARK.source})`);
const CODE_OR_IMAGE = new RegExp(`(\`[^\`\\n]+\`|${IMAGE_MARK.source})`);
const FENCE = /^[ \t]{0,3}```([^`\n]*)$/;
const FENCES = new RegExp(FENCE, 'gm');

/** What was typed, as it was: people who write to an agent mark code, and mean nothing by other signs. */
export function renderTyped(text: string): readonly Part[] {
  return splitFences(text).map(({ language, body }) =>
    language === undefined
      ? renderProse(body)
      : html`<pre class="code" tabindex="0"><code>${renderCode(body, language)}</code></pre>`,
  );
}

/** Words on one or several lines with code between backticks, and places for pictures. */
export const renderProse = (text: string): readonly Part[] => renderMarks(text.split(CODE_OR_IMAGE));

/** What a tool printed, made visible: only what stands for a picture is not shown as it is. */
export const renderOutput = (visible: string): readonly Part[] =>
  visible.includes('[image') ? renderMarks(visible.split(IMAGE)) : [trusted(escapeVisible(visible))];

/** Every other piece is a mark. */
function renderMarks(pieces: readonly string[]): readonly Part[] {
  return pieces.map((piece, index) => {
    if (index % 2 === 0) return piece;
    const inner = piece.slice(1, -1);
    return piece.startsWith('`') ? html`<code>${inner}</code>` : html`<span class="image">${inner}</span>`;
  });
}

/** The head of a text of about this length: a block of code is not divided, since the parts would be none. */
export function withWholeFence(text: string, length: number): string {
  const fences = [...text.matchAll(FENCES)];
  const open = fences.filter(({ index }) => index < length);
  const close = open.length % 2 === 1 ? fences[open.length] : undefined;
  return text.slice(0, close === undefined ? length : close.index + close[0].length);
}

interface Stretch {
  /** Of a block of code; undefined for prose. */
  readonly language?: string;
  readonly body: string;
}

/** A fence that nothing closes is prose. */
function splitFences(text: string): readonly Stretch[] {
  if (!text.includes('```')) return [{ body: text }];
  const lines = text.split('\n');
  const fences = lines.flatMap((line, index) => (FENCE.test(line) ? [index] : []));
  const stretches: Stretch[] = [];
  let next = 0;
  for (let pair = 0; pair + 1 < fences.length; pair += 2) {
    const [open = 0, close = 0] = [fences[pair], fences[pair + 1]];
    if (open > next) stretches.push({ body: lines.slice(next, open).join('\n') });
    const language = FENCE.exec(lines[open] ?? '')?.[1]?.trim() ?? '';
    stretches.push({ language, body: lines.slice(open + 1, close).join('\n') });
    next = close + 1;
  }
  return next < lines.length ? [...stretches, { body: lines.slice(next).join('\n') }] : stretches;
}
