import { stripVTControlCharacters } from 'node:util';
import { paint } from './style.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** May be cut when the terminal is narrow. */
  readonly isFlexible?: boolean;
}

const GAP = '  ';

/** Aligned columns without borders; the flexible ones give way so that a row fits `width`. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
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
