/**
 * Whether a text that stands in the place of an answer is wholly a message of the program: some versions print a used-up
 * limit or a missing login like the model's own words, as a success. Narrow by intent: a summary may speak of all of it, so
 * nothing but the message, its usual second half and a command to type may be there.
 */
export function isProgramMessage(text: string): boolean {
  const plain = text.trim();
  return plain.length < LONGEST_MESSAGE && !plain.includes('{') && MESSAGE.test(plain);
}

const LONGEST_MESSAGE = 300;

const HEADS = [
  /you(?:['’]ve| have) (?:hit|reached) your (?:[\w'’.-]+ ){0,5}(?:limits?|budget)/,
  /(?:claude (?:ai )?)?(?:(?:opus |sonnet |haiku |fable )?(?:usage|session|weekly|5-hour)|(?:opus|sonnet|haiku|fable)(?: [\d.]+)?) limit reached/,
  /you(?:['’]re| are| have run|['’]ve run) out of (?:extra usage|usage credits)/,
  /your org(?:anization)? is out of (?:extra )?usage(?: credits)?/,
  /credit balance (?:is )?too low/,
  /invalid api key/,
  /not logged in/,
  /login expired/,
  /oauth token (?:revoked|has expired)/,
  /api error: rate limit reached/,
];

/** `|1735689600`, ` · resets 3pm`, `. Your limit will reset at 3pm.`, and a line with a command. */
const TAILS = [
  /\|\d{10}(?:\d{3})?/,
  / ?[·∙•] ?[^\n]+/,
  /\.?\s+(?:your limit will reset|you will regain access|add more at|switch to another model|run \/|\/)[^\n]+/,
];

const MESSAGE = new RegExp(`^(?:${sourceOf(HEADS)})(?:${sourceOf(TAILS)})*\\.?$`, 'i');

function sourceOf(choices: readonly RegExp[]): string {
  return choices.map(({ source }) => source).join('|');
}
