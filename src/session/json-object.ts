/** What JSON.parse makes of an object; its members are anything. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that a text is as JSON; undefined for any other value, and for what is no JSON. */
export function parseObject(text: string): JsonObject | undefined {
  const value = parseJson(text);
  return isObject(value) ? value : undefined;
}

/** What a text is as JSON; undefined for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // What it is instead, whoever asks can say.
  }
}

export function objectAt(source: JsonObject, key: string): JsonObject | undefined {
  const value = source[key];
  return isObject(value) ? value : undefined;
}

/** The first of the named fields that holds a string with something in it. */
export function stringAt(source: JsonObject | undefined, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = source?.[key];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** Leaves out the keys whose value is undefined, which optional properties do not take. */
export function defined<T extends object>(source: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const members = source as Record<string, unknown>;
  // Set on an object, a member of this name would become its prototype.
  if (Object.hasOwn(members, '__proto__'))
    return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
  const target: Record<string, unknown> = {};
  // Every entry of a recording passes here: lists of its members take a third as long as all of JSON.parse.
  for (const key of Object.keys(members)) if (members[key] !== undefined) target[key] = members[key];
  return target as never;
}
