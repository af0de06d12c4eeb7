import { defined, isObject } from './json-object.ts';

/** Takes from what JSON.parse made what it is to be; undefined for anything else. */
export type Reader<T> = (value: unknown) => T | undefined;

export const readText: Reader<string> = (value) => (typeof value === 'string' ? value : undefined);
export const readFlag: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);
/** JSON knows numbers that are larger than any. */
export const readNumber: Reader<number> = (value) => (Number.isFinite(value) ? (value as number) : undefined);
export const readAmount: Reader<number> = (value) => atLeastZero(readNumber(value));
export const readCount: Reader<number> = (value) =>
  atLeastZero(Number.isSafeInteger(value) ? (value as number) : undefined);

/** A list whose members all are what they are to be. */
export function listReader<T>(read: Reader<T>): Reader<readonly T[]> {
  return (value) => {
    const members = Array.isArray(value) ? value.map(read) : [undefined];
    return members.every((member) => member !== undefined) ? members : undefined;
  };
}

type Readers<T> = { readonly [Key in keyof T]-?: Reader<NonNullable<T[Key]>> };

/** An object of which each required member is there, and no other is wrong. Members that are not named are left out. */
export function objectReader<T extends object>(required: readonly (keyof T)[], readers: Readers<T>): Reader<T> {
  const keys = Object.keys(readers) as (keyof T & string)[];
  return (value) => {
    if (!isObject(value)) return undefined;
    const members = keys.map((key) => [key, readers[key](value[key])] as const);
    const isRight = members.every(([key, read]) => {
      return read !== undefined || (value[key] === undefined && !required.includes(key));
    });
    return isRight ? (defined(Object.fromEntries(members)) as T) : undefined;
  };
}

const atLeastZero = (number: number | undefined) => (number !== undefined && number >= 0 ? number : undefined);
