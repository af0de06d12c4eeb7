/**
 * Whether a text is of a glob's form, in time that grows with both their lengths and no faster: texts come from others.
 */
export type Glob = (text: string) => boolean;

/**
 * `*` is any characters of a segment, `?` one of them, `**` any characters at all: as a segment of its own also none
 * (`a/**` is `a`, too), `{a,b}` either. A backslash takes the meaning of what follows. Undefined where braces do not
 * pair, are more than anybody would write, or make more than a thousand globs.
 */
export function parseGlob(glob: string): Glob | undefined {
  if (glob.split('{').length - 1 > MAX_BRACES) return undefined;
  const alternatives = expandBraces(glob);
  const forms = alternatives?.map(parseForm);
  return forms && ((text) => forms.some((form) => isOfForm(text, form)));
}

/** A text as it is to stand in a glob. */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?{},]/g, '\\$&');
}

const MAX_ALTERNATIVES = 1000;
/** Each of them is expanded within the one before. */
const MAX_BRACES = 200;

function expandBraces(glob: string): readonly string[] | undefined {
  const parts = splitAtBraces(glob);
  if (!parts) return undefined;
  const { before, choices, after } = parts;
  if (choices.length === 0) return [before];
  const expanded: string[] = [];
  for (const choice of choices) {
    const each = expandBraces(`${choice}${after}`);
    if (!each || expanded.length + each.length > MAX_ALTERNATIVES) return undefined;
    expanded.push(...each.map((rest) => `${before}${rest}`));
  }
  return expanded;
}

/** The text before the first pair of braces, what stands in them, and the text behind; undefined without a pair. */
function splitAtBraces(glob: string) {
  let before: string | undefined;
  const choices: string[] = [];
  let [start, depth] = [0, 0];
  for (let index = 0; index < glob.length; index += 1) {
    const character = glob[index];
    if (character === '\\') index += 1;
    if (character === '{') {
      depth += 1;
      if (depth === 1) [before, start] = [glob.slice(0, index), index + 1];
    }
    if (character === '}') depth -= 1;
    if (depth < 0) return undefined;
    const isEnd = character === '}' && depth === 0;
    if (before === undefined || !(isEnd || (character === ',' && depth === 1))) continue;
    choices.push(glob.slice(start, index));
    start = index + 1;
    if (isEnd) return { before, choices, after: glob.slice(start) };
  }
  return depth === 0 ? { before: glob, choices, after: '' } : undefined;
}

type Step =
  | { readonly kind: 'character'; readonly character: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'segment' }
  | { readonly kind: 'everything' }
  /** What follows may be left out, so many steps of it. */
  | { readonly kind: 'optional'; readonly steps: number };

const SLASH: Step = { kind: 'character', character: '/' };
const EVERYTHING: Step = { kind: 'everything' };
const OPTIONAL: Step = { kind: 'optional', steps: 2 };

function parseForm(glob: string): readonly Step[] {
  // In this order: a folder with all below it, any folders, anything, and then single characters.
  const tokens = glob.match(/\/\*\*$|(?:^|(?<=\/))\*\*\/|\*\*+|\\?[\s\S]/g) ?? [];
  return tokens.flatMap((token): readonly Step[] => {
    if (token === '/**') return [OPTIONAL, SLASH, EVERYTHING];
    if (token === '**/') return [OPTIONAL, EVERYTHING, SLASH];
    if (token.startsWith('**')) return [EVERYTHING];
    if (token === '*') return [{ kind: 'segment' }];
    if (token === '?') return [{ kind: 'one' }];
    return [{ kind: 'character', character: token.length > 1 ? token.slice(1) : token }];
  });
}

/** Goes along all ways through the form at once. */
function isOfForm(text: string, form: readonly Step[]): boolean {
  let places = withEmptySteps(new Set([0]), form);
  for (let index = 0; index < text.length && places.size > 0; index += 1) {
    const character = text[index] ?? '';
    const next = new Set<number>();
    for (const place of places) {
      const step = form[place];
      if (step && takes(step, character)) next.add(isRepeated(step) ? place : place + 1);
    }
    places = withEmptySteps(next, form);
  }
  return places.has(form.length);
}

/** Adds the places that are reached without any character. */
function withEmptySteps(places: Set<number>, form: readonly Step[]): Set<number> {
  // A set that grows is gone through to its new end.
  for (const place of places) {
    const step = form[place];
    if (!step) continue;
    if (step.kind === 'optional') places.add(place + 1 + step.steps);
    if (step.kind === 'optional' || isRepeated(step)) places.add(place + 1);
  }
  return places;
}

function takes(step: Step, character: string): boolean {
  if (step.kind === 'character') return step.character === character;
  if (step.kind === 'optional') return false;
  return step.kind === 'everything' || character !== '/';
}

function isRepeated({ kind }: Step): boolean {
  return kind === 'segment' || kind === 'everything';
}
