import { scriptJson } from '../escape.ts';
import { formatTime } from './figures.ts';
import { type SessionRow, STATES } from './session-row.ts';

/**
 * All rows as the page's script reads them, in chunks: each row a list without keys, and words that many sessions share
 * as numbers. The script knows the order: see `readRow` there.
 */
export function* renderPageData(rows: readonly SessionRow[], base: string): Generator<string> {
  const [people, topics, files] = [new Numbering(), new Numbering(), new Numbering()];
  yield `{"base":${scriptJson(base)},"states":${scriptJson(STATES)},"rows":[`;
  for (const [index, row] of rows.entries()) {
    const fields = [
      row.name,
      linkCode(row),
      row.title === row.name ? 0 : row.title,
      row.summary,
      STATES.indexOf(row.state),
      people.of(row.who),
      row.atMs === undefined ? 0 : formatTime(row.atMs),
      row.topics.map((topic) => topics.of(topic)),
      row.files.map((file) => files.of(file)),
      row.moreFiles,
      row.tokens ?? null,
      row.costUsd ?? null,
      row.notes.length === 0 ? 0 : row.notes,
    ];
    yield `${index === 0 ? '' : ',\n'}${scriptJson(fields)}`;
  }
  yield `],"people":${scriptJson(people.words)},"topics":${scriptJson(topics.words)},"files":${scriptJson(files.words)}}`;
}

/** 1 for the name itself, which it mostly is; 0 for none. */
function linkCode({ name, link }: SessionRow): string | 0 | 1 {
  if (link === undefined) return 0;
  return link === name ? 1 : link;
}

class Numbering {
  readonly #numbers = new Map<string, number>();

  of(word: string): number {
    const known = this.#numbers.get(word) ?? this.#numbers.size;
    this.#numbers.set(word, known);
    return known;
  }

  get words(): readonly string[] {
    return [...this.#numbers.keys()];
  }
}
