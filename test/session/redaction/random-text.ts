import type { Chance } from '../../support/chance.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';

/** Made-up pieces of secrets, each from the alphabet of its kind. It remembers them, so that a test can look for them. */
export class RandomText {
  readonly #chance: Chance;
  readonly #pieces: string[] = [];

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** All that was made so far. */
  get pieces(): readonly string[] {
    return this.#pieces;
  }

  hex = (length: number): string => this.of(`${DIGITS}abcdef`, length);
  upperHex = (length: number): string => this.of(`${DIGITS}ABCDEF`, length);
  digits = (length: number): string => this.of(DIGITS, length);
  letters = (length: number): string => this.of(LOWER + UPPER, length);
  lower = (length: number): string => this.of(LOWER + DIGITS, length);
  upper = (length: number): string => this.of(UPPER + DIGITS, length);
  alnum = (length: number): string => this.of(LOWER + UPPER + DIGITS, length);
  /** What an address may hold as it is. */
  urlSafe = (length: number): string => this.of(`${LOWER}${UPPER}${DIGITS}-_`, length);
  base64 = (length: number): string => this.of(`${LOWER}${UPPER}${DIGITS}+/`, length);
  /** Letters and digits that cannot be taken for another. */
  base58 = (length: number): string => this.of('123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz', length);
  base32 = (length: number): string => this.of(`${LOWER}234567`, length);
  uuid = (): string => [8, 4, 4, 4, 12].map((length) => this.hex(length)).join('-');
  /** As a person or a generator of passwords would choose it: a digit at least, and signs that need no quotes. */
  password = (length: number): string =>
    this.of(`${LOWER}${UPPER}${DIGITS}!#%+-.=?@^_~`, length - 2) + this.digits(1) + this.letters(1);

  /** What basic authentication makes of a user and a password. */
  login(): string {
    const encoded = btoa(`bot:${this.alnum(33)}`);
    this.#pieces.push(encoded);
    return encoded;
  }

  of(alphabet: string, length: number): string {
    const piece = Array.from({ length }, () => alphabet.charAt(this.#chance.between(0, alphabet.length - 1))).join('');
    this.#pieces.push(piece);
    return piece;
  }
}
