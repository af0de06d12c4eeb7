import type { SessionDocument } from '../../src/session/document.ts';
import type { Entry } from '../../src/session/transcript.ts';
import { assistant, numberEntries, sampleDocument, system, toolCall, toolError, user } from './sample-document.ts';

/** The text in every place that a transcript or a summary can put one. */
export function hostileSession(text: string): readonly [SessionDocument, readonly Entry[]] {
  const base = sampleDocument();
  const summary = {
    ...base.summary,
    title: text,
    provider: text,
    summary: text,
    key_actions: [text],
    topics_found: [text],
    chapter_titles: [text],
    final_plan: text,
    diagrams: [text],
    files_changed: [{ path: text, added: 1 }],
    aha_moments: [{ seq: 0, role: text, type: 'insight' as const, highlight: text, why: text }],
    sageox_insights: [{ seq: 0, topic: text, insight: text, impact: text }],
    agent_summary: { decisions: [{ what: text, why: text, owner: text }], open_questions: [{ question: text }] },
  };
  const header = { agentId: text, agentType: text, agentVersion: text, model: text, username: text, sessionId: text };
  const entries = numberEntries([
    user(text),
    assistant(text),
    assistant(`# ${text}\n\n- ${text}\n\n${text}`),
    system(text),
    { ...assistant(text), coworker: text },
    toolCall(text, text, { [text]: text, file_path: text, old_string: text, new_string: `${text}!` }),
    toolError(text, text),
    { kind: 'tool', text: '', toolName: 'patch', toolInput: text, toolOutput: text },
  ]);
  return [{ ...base, name: text, header, summary, outline: { ...base.outline, entryCount: entries.length } }, entries];
}
