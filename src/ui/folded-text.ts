import { stripVTControlCharacters } from 'node:util';

/** Each line as it fits a terminal of so many columns: no terminal cuts a word then. What follows stands two further in. */
export function foldText(text: string, columns: number): string {
  if (columns === Number.POSITIVE_INFINITY) return text;
  const lines = text.split('\n');
  return lines.flatMap((line) => foldLine(line, columns, line.length - line.trimStart().length + 2)).join('\n');
}

/** Broken between words, all but the first line `indent` columns in. A word that is wider than that stays whole, to be copied. */
export function foldLine(text: string, columns: number, indent: number): readonly string[] {
  if (widthOf(text) <= columns) return [text];
  const margin = ' '.repeat(indent);
  const lines: string[] = [];
  let current = '';
  for (const [index, word] of text.split(' ').entries()) {
    const longer = index === 0 ? word : `${current} ${word}`;
    const isTooLong = widthOf(longer) > columns && widthOf(current) > indent;
    if (isTooLong) lines.push(current);
    current = isTooLong ? `${margin}${word}` : longer;
  }
  return [...lines, current];
}

/** All lines `indent` columns in, all but the first `hang` more. */
export function foldIndented(text: string, columns: number, indent: number, hang = 0): readonly string[] {
  const margin = ' '.repeat(indent);
  return foldLine(text, columns - indent, hang).map((line) => `${margin}${line}`);
}

const widthOf = (text: string): number => stripVTControlCharacters(text).trimEnd().length;
