import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { SessionDocument } from '../session/document.ts';
import { ARTIFACTS, type ArtifactName } from '../session/facts.ts';
import type { JsonObject } from '../session/json-object.ts';
import { buildMeta, formatMeta, type MetaSources } from '../session/meta.ts';
import { formatSummaryJson } from '../session/summary.ts';
import type { Entry } from '../session/transcript.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { RAW_NAME } from './raw-state.ts';
import { META_NAME } from './session-facts.ts';

/**
 * Writes the wanted artifacts of a session, each whole or not at all. `summary.json` comes last of them: as long as it
 * is missing the session counts as unfinished, so a kill in between is found and mended. Returns the SHA-256 of each.
 * Throws UNWRITABLE.
 */
export async function writeArtifacts(
  folder: string,
  wanted: readonly ArtifactName[],
  document: SessionDocument,
  entries: Iterable<Entry>,
): Promise<ReadonlyMap<string, string>> {
  const { renderSessionHtml, renderSessionMarkdown, renderSummaryMarkdown } = await loadRenderers();
  const content: Record<ArtifactName, () => string | Iterable<string>> = {
    'summary.md': () => renderSummaryMarkdown(document),
    'session.html': () => renderSessionHtml(document, entries),
    'session.md': () => renderSessionMarkdown(document, entries),
    'summary.json': () => formatSummaryJson(document.summary),
  };
  mkdirSync(folder, { recursive: true });
  const inOrder = [...ARTIFACTS].sort((a, b) => Number(a === 'summary.json') - Number(b === 'summary.json'));
  const digests = new Map<string, string>();
  for (const name of inOrder.filter((name) => wanted.includes(name))) {
    const hash = createHash('sha256');
    await writeFileAtomic(path.join(folder, name), content[name](), { hash });
    digests.set(name, hash.digest('hex'));
  }
  return digests;
}

/** Markdown and highlighting are heavy to load, and a pass with nothing to write does without them. */
async function loadRenderers() {
  const [html, session, summary] = await Promise.all([
    import('../session/render/session-page/session-page.ts'),
    import('../session/render/markdown/session-markdown.ts'),
    import('../session/render/markdown/summary-markdown.ts'),
  ]);
  return { ...html, ...session, ...summary };
}

/** Writes `meta.json` after the artifacts that it tells of; what stood in it stays. Throws UNWRITABLE. */
export async function writeMeta(folder: string, existing: JsonObject | undefined, sources: MetaSources): Promise<void> {
  await writeFileAtomic(path.join(folder, META_NAME), formatMeta(buildMeta(existing, sources)));
}

/** Every file of a finished session that is committed, as far as it is there; names only. */
export function sessionFileNames(folder: string): readonly string[] {
  return [RAW_NAME, ...ARTIFACTS, META_NAME].filter((name) => fileSize(path.join(folder, name)) !== undefined);
}

function fileSize(file: string): number | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  return stat?.isFile() ? stat.size : undefined;
}
