import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Something that others write and the tool reads. */
export interface InputFormat {
  readonly name: string;
  /** Inputs of the long form, in thousands. */
  readonly thousands: number;
  readonly samples: readonly Buffer[];
  /** Reads it as the tool does, from where it lies. */
  readonly read: (bytes: Buffer) => unknown;
  /** Stands in every complaint about it. */
  readonly named?: string | RegExp;
}

/** What lies in these folders of fixtures and is called so. */
export function fixturesCalled(pattern: RegExp, ...folders: readonly string[]): readonly Buffer[] {
  return folders.flatMap((folder) => {
    const path = fileURLToPath(new URL(`../../fixtures/${folder}/`, import.meta.url));
    const names = readdirSync(path).filter((name) => pattern.test(name));
    return names.map((name) => readFileSync(`${path}${name}`));
  });
}

export const buffers = (...texts: readonly string[]): readonly Buffer[] => texts.map((text) => Buffer.from(text));
