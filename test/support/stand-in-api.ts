import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';

/** A server on the loopback that speaks as much of the Messages API as one run needs, and keeps what it was sent. */
export interface StandInApi {
  /** For `ANTHROPIC_BASE_URL`. */
  readonly url: string;
  readonly requests: readonly ApiRequest[];
  /** What was asked of the model, as it was sent; other questions, such as whether anybody is there, left out. */
  messages(): readonly MessagesRequest[];
}

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: string;
  readonly body: string;
}

/** The members of a request that say what leaves the machine. */
export interface MessagesRequest {
  readonly model: string;
  readonly system: unknown;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly unknown[];
}

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Answers each question with `answer`, and is gone after the test. */
export async function startStandInApi(answer: string): Promise<StandInApi> {
  const requests: ApiRequest[] = [];
  const server = createServer(async (request, response) => {
    const kept = await readRequest(request);
    requests.push(kept);
    respond(kept, response, answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const asked = () => requests.filter(isQuestion).map(({ body }) => JSON.parse(body) as MessagesRequest);
  return { url: `http://127.0.0.1:${port}`, requests, messages: asked };
}

async function readRequest(request: IncomingMessage): Promise<ApiRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = '', url: path = '', rawHeaders } = request;
  return { method, path, headers: rawHeaders.join('\n'), body: Buffer.concat(chunks).toString('utf8') };
}

const isQuestion = ({ method, path }: ApiRequest) => method === 'POST' && /^\/v1\/messages(?:\?|$)/.test(path);

function respond(request: ApiRequest, response: ServerResponse, answer: string): void {
  if (!isQuestion(request)) {
    response.writeHead(request.method === 'HEAD' ? 200 : 404).end();
    return;
  }
  const { stream, model } = JSON.parse(request.body) as { stream?: boolean; model: string };
  const type = stream ? 'text/event-stream' : 'application/json';
  response.writeHead(200, { 'content-type': type }).end(stream ? eventsOf(model, answer) : wholeOf(model, answer));
}

const USAGE = { input_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

const message = (model: string) => ({ id: 'msg_1', type: 'message', role: 'assistant', model, stop_sequence: null });

function wholeOf(model: string, text: string): string {
  const usage = { ...USAGE, output_tokens: 20 };
  return JSON.stringify({ ...message(model), content: [{ type: 'text', text }], stop_reason: 'end_turn', usage });
}

function eventsOf(model: string, text: string): string {
  const begun = { ...message(model), content: [], stop_reason: null, usage: { ...USAGE, output_tokens: 1 } };
  const ended = { stop_reason: 'end_turn', stop_sequence: null };
  const events = [
    { type: 'message_start', message: begun },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: ended, usage: { output_tokens: 20 } },
    { type: 'message_stop' },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}
