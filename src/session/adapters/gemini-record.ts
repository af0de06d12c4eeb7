import { defined, isObject, type JsonObject, objectAt, stringAt } from '../json-object.ts';
import type { RecoveredEntry, SourceFacts, SourceLine } from './adapter.ts';
import { messageEntries } from './gemini-message.ts';
import { spokenLine } from './source-line.ts';

const MESSAGE_TYPES: ReadonlySet<string> = new Set(['user', 'gemini', 'info', 'error', 'warning']);

/**
 * Reads records in the order of the file. A message is written again whenever something is added to it, and whole
 * histories when one of them changes: what was said already is not said again.
 */
export class GeminiReader {
  readonly #said = new Set<string>();

  /** A conversation as one document, or one record of it. */
  *readRecord(record: JsonObject, offset?: number): Generator<SourceLine> {
    const messages = record.messages ?? record.history;
    const update = objectAt(record, '$set');
    if (update) return yield* this.#readUpdate(update, offset);
    if (Array.isArray(messages)) {
      yield { kind: 'facts', facts: sessionFacts(record) };
      return yield* this.readList(messages);
    }
    yield this.#readMessage(record, offset);
  }

  *readList(messages: readonly unknown[], offset?: number): Generator<SourceLine> {
    for (const message of messages) {
      yield isObject(message) ? this.#readMessage(message, offset) : defined({ kind: 'malformed' as const, offset });
    }
  }

  *#readUpdate(update: JsonObject, offset: number | undefined): Generator<SourceLine> {
    yield defined({ kind: 'facts' as const, facts: sessionFacts(update), offset });
    if (Array.isArray(update.messages)) yield* this.readList(update.messages, offset);
  }

  #readMessage(message: JsonObject, offset: number | undefined): SourceLine {
    const type = stringAt(message, 'type') ?? stringAt(message, 'role');
    if (type === undefined) return untypedLine(message, offset);
    const isKnown = MESSAGE_TYPES.has(type) || (Array.isArray(message.parts) && type === 'model');
    if (!isKnown) return defined({ kind: 'unknown' as const, offset, type });
    const spoken = messageEntries(message, (key) => this.#sayOnce(key));
    const facts = defined({ model: stringAt(message, 'model'), sessionId: stringAt(message, 'sessionId') });
    const timestamp = firstTime(spoken) ?? message.timestamp;
    return spokenLine(spoken, { ...defined({ offset }), type, timestamp, facts });
  }

  #sayOnce(key: string): boolean {
    if (this.#said.has(key)) return false;
    this.#said.add(key);
    return true;
  }
}

/** A call that is added to a message later happened when it says, not when the message began. */
const firstTime = (entries: readonly RecoveredEntry[]): string | undefined => entries[0]?.ts;

const sessionFacts = (record: JsonObject): SourceFacts => defined({ sessionId: stringAt(record, 'sessionId') });

/** The first line of a conversation, and the mark that its end was taken back: that end was said all the same. */
function untypedLine(record: JsonObject, offset: number | undefined): SourceLine {
  if (typeof record.$rewindTo === 'string') return defined({ kind: 'dropped' as const, offset, type: '$rewindTo' });
  if (typeof record.sessionId !== 'string') return defined({ kind: 'malformed' as const, offset });
  return defined({ kind: 'facts' as const, offset, facts: sessionFacts(record) });
}
