import { stripVTControlCharacters } from 'node:util';
import { paint } from './style.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** May be cut when the terminal is narrow. */
  readonly isFlexible?: boolean;
}

const GAP = '  ';

/** A table that is narrower than this would be nothing but cut words. */
const LEAST_WIDTH = 64;
const NOTHING = '–';
/** A space at which no line is folded. */
const UNBROKEN = '\u00a0';

/**
 * Aligned columns without borders; the flexible ones give way so that a row fits `width`. On a narrow terminal each row is
 * its first cell, to be copied whole, and below it what the others say.
 */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  if (width < LEAST_WIDTH) return rows.map((row) => formatRecord(columns, row)).join('\n');
  const natural = columns.map((column, index) => {
    return Math.max(column.title.length, ...rows.map((row) => cellWidth(row[index] ?? '')));
  });
  const widths = fitWidths(columns, natural, width);
  const line = (cells: readonly string[]) => {
    return cells
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align))
      .join(GAP)
      .trimEnd();
  };
  const head = line(columns.map((column) => column.title.toUpperCase()));
  return [paint.dim(head), ...rows.map(line)].join('\n');
}

function formatRecord(columns: readonly Column[], [first = '', ...others]: readonly string[]): string {
  const told = others.map((cell, index) => {
    const { title = '', isFlexible } = columns[index + 1] ?? {};
    if (cell === NOTHING) return '';
    return isFlexible ? cell : `${title} ${cell}`.replaceAll(' ', UNBROKEN);
  });
  return `${first}\n  ${told.filter((part) => part !== '').join(' · ')}`;
}

function fitWidths(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  const MIN_WIDTH = 12;
  for (;;) {
    const total = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);
    const shrinkable = widths.map((each, index) => (columns[index]?.isFlexible && each > MIN_WIDTH ? each : 0));
    const widest = Math.max(...shrinkable);
    if (total <= width || widest === 0) return widths;
    const index = shrinkable.indexOf(widest);
    widths[index] = Math.max(MIN_WIDTH, widest - (total - width));
  }
}

function pad(cell: string, width: number, align: Column['align']): string {
  const length = cellWidth(cell);
  if (length > width) return `${stripVTControlCharacters(cell).slice(0, width - 1)}…`;
  const space = ' '.repeat(width - length);
  return align === 'right' ? space + cell : cell + space;
}

function cellWidth(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
