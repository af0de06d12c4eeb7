import type { TranscriptAdapter } from './adapter.ts';
import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';
import { gemini } from './gemini.ts';
import { generic } from './generic.ts';

const ADAPTERS: readonly TranscriptAdapter[] = [claudeCode, codex, gemini, generic];

/** By the name that a recorder noted. Recorders that note none are of the time when there was only Claude Code. */
export function findAdapter(name: string | undefined): TranscriptAdapter {
  if (name === undefined) return claudeCode;
  const alias = name.trim().toLowerCase();
  return ADAPTERS.find((adapter) => adapter.names.has(alias)) ?? generic;
}
