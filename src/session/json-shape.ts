import { defined, isObject } from './json-object.ts';

/** Takes from what JSON.parse made what it is to be; undefined for anything else. */
export type Parser<T> = (value: unknown) => T | undefined;

export const parseText: Parser<string> = (value) => (typeof value === 'string' ? value : undefined);
export const parseFlag: Parser<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);
/** JSON knows numbers that are larger than any. */
export const parseNumber: Parser<number> = (value) => (Number.isFinite(value) ? (value as number) : undefined);
export const parseAmount: Parser<number> = (value) => atLeastZero(parseNumber(value));
export const parseCount: Parser<number> = (value) =>
  atLeastZero(Number.isSafeInteger(value) ? (value as number) : undefined);

/** A list whose members all are what they are to be. */
export function listParser<T>(parse: Parser<T>): Parser<readonly T[]> {
  return (value) => {
    const members = Array.isArray(value) ? value.map(parse) : [undefined];
    return members.every((member) => member !== undefined) ? members : undefined;
  };
}

/** One for each member. */
export type Parsers<T> = { readonly [Key in keyof T]-?: Parser<NonNullable<T[Key]>> };

/** An object of which each required member is there, and no other is wrong. Members that are not named are left out. */
export function objectParser<T extends object>(required: readonly (keyof T)[], parsers: Parsers<T>): Parser<T> {
  const keys = Object.keys(parsers) as (keyof T & string)[];
  return (value) => {
    if (!isObject(value)) return undefined;
    const members = keys.map((key) => [key, parsers[key](value[key])] as const);
    const isRight = members.every(([key, parsed]) => {
      return parsed !== undefined || (value[key] === undefined && !required.includes(key));
    });
    return isRight ? (defined(Object.fromEntries(members)) as T) : undefined;
  };
}

/** The same of what others wrote: what is wrong of it is left out, and only required members are missed. */
export function tolerantParser<T extends object>(required: readonly (keyof T)[], parsers: Parsers<T>): Parser<T> {
  const keys = Object.keys(parsers) as (keyof T & string)[];
  return (value) => {
    if (!isObject(value)) return undefined;
    const members = defined(Object.fromEntries(keys.map((key) => [key, parsers[key](value[key])])));
    return required.every((key) => key in members) ? (members as T) : undefined;
  };
}

const atLeastZero = (number: number | undefined) => (number !== undefined && number >= 0 ? number : undefined);
