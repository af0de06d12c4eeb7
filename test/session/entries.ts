import type { Entry } from '../../src/session/transcript.ts';

export type Part = Partial<Entry> & Pick<Entry, 'kind'>;

/** Numbers the entries of a session, a second apart. */
export function session(...parts: Part[]): readonly Entry[] {
  return parts.map((part, seq) => ({ seq, text: '', atMs: Date.UTC(2026, 2, 6, 10, 0, seq), ...part }));
}

export const user = (text: string): Part => ({ kind: 'user', text });

export const assistant = (text: string): Part => ({ kind: 'assistant', text });

export const call = (toolName: string, input: object, callId?: string): Part => ({
  kind: 'tool',
  toolName,
  toolInput: JSON.stringify(input),
  ...(callId === undefined ? {} : { callId }),
});

export const result = (toolOutput: string, callId?: string, isError = false): Part => ({
  kind: 'tool_result',
  toolOutput,
  ...(callId === undefined ? {} : { callId }),
  ...(isError ? { isError } : {}),
});
