const MAX_DEPTH = 12;

/** JSON for people, or as much of it as fits. */
export interface ReadableJson {
  readonly text: string;
  readonly isWhole: boolean;
}

/**
 * A value as indented JSON of at most about `max` characters: what is longer or too deep to be followed ends in `…`. Indenting
 * a deep value whole would take the square of its depth; this takes as much as there are members at the levels that are shown.
 */
export function readableJson(value: unknown, max: number): ReadableJson {
  const writer = new JsonWriter(max);
  writer.write(value, 0);
  return writer.finish();
}

class JsonWriter {
  readonly #parts: string[] = [];
  #room: number;
  #isWhole = true;

  constructor(max: number) {
    this.#room = max;
  }

  write(value: unknown, depth: number): void {
    if (typeof value !== 'object' || value === null) this.#add(this.#scalar(value));
    else if (isEmpty(value)) this.#add(Array.isArray(value) ? '[]' : '{}');
    else if (depth >= MAX_DEPTH) this.#leaveOut();
    else this.#writeMembers(value, depth);
  }

  #writeMembers(value: object, depth: number): void {
    const isList = Array.isArray(value);
    const indent = `\n${'  '.repeat(depth + 1)}`;
    this.#add(isList ? '[' : '{');
    let separator = indent;
    for (const [key, member] of isList ? value.entries() : Object.entries(value)) {
      if (this.#room <= 0) {
        this.#leaveOut();
        return;
      }
      this.#add(isList ? separator : `${separator}${this.#scalar(String(key))}: `);
      this.write(member, depth + 1);
      separator = `,${indent}`;
    }
    this.#add(`\n${'  '.repeat(depth)}${isList ? ']' : '}'}`);
  }

  finish(): ReadableJson {
    return { text: this.#parts.join(''), isWhole: this.#isWhole };
  }

  #scalar(value: unknown): string {
    if (typeof value !== 'string' || value.length <= this.#room) return JSON.stringify(value) ?? 'null';
    this.#isWhole = false;
    return JSON.stringify(`${value.slice(0, Math.max(0, this.#room))}…`);
  }

  #add(text: string): void {
    this.#parts.push(text);
    this.#room -= text.length;
  }

  #leaveOut(): void {
    this.#isWhole = false;
    this.#add('…');
  }
}

function isEmpty(value: object): boolean {
  if (Array.isArray(value)) return value.length === 0;
  for (const _key in value) return false;
  return true;
}
