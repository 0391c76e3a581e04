import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Posted {
  readonly channel: string;
  readonly text: string;
  readonly deliveryId: string;
  readonly authorization: string | undefined;
  readonly blocks: unknown;
}

/** How the next request is answered. `accept` when nothing is scripted. */
export type Answer =
  | 'accept'
  | { readonly status: number; readonly retryAfter?: number; readonly body?: string }
  /** 200 with `ok: false`, as Slack says most errors. */
  | { readonly error: string }
  /** Takes the message and never answers. */
  | 'silent';

export interface FakeSlack {
  readonly url: string;
  /** Every request, also those that were refused. */
  readonly requests: readonly Posted[];
  /** What was accepted: what people would see. */
  readonly accepted: readonly Posted[];
  /** Answers of the next requests, in order. */
  script(...answers: readonly Answer[]): void;
  /** The answer of every further request, when nothing is scripted. */
  always(answer: Answer): void;
  close(): Promise<void>;
}

/** Speaks as much of chat.postMessage as the SDK uses: https://docs.slack.dev/reference/methods/chat.postMessage */
export async function fakeSlack(): Promise<FakeSlack> {
  const requests: Posted[] = [];
  const accepted: Posted[] = [];
  let scripted: Answer[] = [];
  let usual: Answer = 'accept';
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const posted = postedOf(body, request.headers.authorization);
      requests.push(posted);
      const answer = request.url === '/api/chat.postMessage' ? (scripted.shift() ?? usual) : { status: 404 };
      if (answer === 'accept') accepted.push(posted);
      respond(response, answer, accepted.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    requests,
    accepted,
    script: (...answers) => {
      scripted = [...scripted, ...answers];
    },
    always: (answer) => {
      usual = answer;
    },
    close: () => closed(server),
  };
}

function respond(response: ServerResponse, answer: Answer, number: number): void {
  if (answer === 'silent') return;
  if (answer === 'accept') send(response, 200, { ok: true, ts: `1700000000.${number}`, channel: 'C1' });
  else if ('error' in answer) send(response, 200, { ok: false, error: answer.error });
  else {
    if (answer.retryAfter !== undefined) response.setHeader('retry-after', answer.retryAfter);
    send(response, answer.status, answer.body ?? { ok: false, error: 'ratelimited' });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

function postedOf(body: string, authorization: string | undefined): Posted {
  const form = new URLSearchParams(body);
  const json = (name: string) => JSON.parse(form.get(name) ?? 'null');
  return {
    channel: form.get('channel') ?? '',
    text: form.get('text') ?? '',
    deliveryId: json('metadata')?.event_payload?.delivery_id ?? '',
    authorization,
    blocks: json('blocks'),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

async function closed(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
