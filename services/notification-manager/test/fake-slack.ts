import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Posted {
  readonly method: 'chat.postMessage' | 'chat.update';
  readonly channel: string;
  /** The message that is answered to, or that is changed. */
  readonly thread: string | null;
  readonly text: string;
  readonly deliveryId: string;
  readonly authorization: string | undefined;
  readonly blocks: unknown;
  /** Its name at Slack, once it is accepted. */
  readonly ts: string;
}

/** How the next request is answered. `accept` when nothing is scripted. */
export type Answer =
  | 'accept'
  | { readonly status: number; readonly retryAfter?: number; readonly body?: string }
  /** 200 with `ok: false`, as Slack says most errors. */
  | { readonly error: string; readonly needed?: string; readonly provided?: string }
  /** Never answers; nobody sees the message. */
  | 'silent'
  /** Takes the message and cuts the connection before the answer. */
  | 'cut-after-taking';

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

const METHODS = ['chat.postMessage', 'chat.update'] as const;

/**
 * Speaks as much of chat.postMessage and chat.update as the SDK uses, and is as strict: an update needs the channel's
 * id and a message that is there. https://docs.slack.dev/reference/methods/chat.postMessage
 */
export async function fakeSlack(): Promise<FakeSlack> {
  const requests: Posted[] = [];
  const accepted: Posted[] = [];
  let scripted: Answer[] = [];
  let usual: Answer = 'accept';
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const method = METHODS.find((known) => request.url === `/api/${known}`);
      if (method === undefined) return send(response, 404, { ok: false, error: 'unknown_method' });
      const ts = `1700000000.${String(accepted.length + 1).padStart(6, '0')}`;
      const posted = postedOf(body, { method, ts, authorization: request.headers.authorization });
      requests.push(posted);
      const given = scripted.shift() ?? usual;
      const fault = given === 'accept' ? faultOf(posted, accepted) : undefined;
      const answer = fault ?? given;
      if (answer === 'accept' || answer === 'cut-after-taking') accepted.push(posted);
      return respond(response, answer, posted);
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

/** The id of a channel: names are taken for posts alone. */
function channelId(channel: string): string {
  return channel.startsWith('#') ? `C${channel.slice(1).toUpperCase().padEnd(9, '0')}` : channel;
}

function faultOf({ method, channel, thread }: Posted, accepted: readonly Posted[]): Answer | undefined {
  if (method === 'chat.update' && channel.startsWith('#')) return { error: 'channel_not_found' };
  if (thread === null) return undefined;
  const there = accepted.some(
    (earlier) => earlier.ts === thread && channelId(earlier.channel) === channelId(channel),
  );
  if (there) return undefined;
  return { error: method === 'chat.update' ? 'message_not_found' : 'thread_not_found' };
}

function respond(response: ServerResponse, answer: Answer, { channel, ts }: Posted): void {
  if (answer === 'silent') return;
  if (answer === 'cut-after-taking') response.destroy();
  else if (answer === 'accept') send(response, 200, { ok: true, ts, channel: channelId(channel) });
  else if ('error' in answer) send(response, 200, { ok: false, ...answer });
  else {
    if (answer.retryAfter !== undefined) response.setHeader('retry-after', answer.retryAfter);
    send(response, answer.status, answer.body ?? { ok: false, error: 'ratelimited' });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

function postedOf(body: string, head: Pick<Posted, 'method' | 'ts' | 'authorization'>): Posted {
  const form = new URLSearchParams(body);
  const json = (name: string) => JSON.parse(form.get(name) ?? 'null');
  return {
    ...head,
    channel: form.get('channel') ?? '',
    thread: form.get(head.method === 'chat.update' ? 'ts' : 'thread_ts'),
    text: form.get('text') ?? '',
    deliveryId: json('metadata')?.event_payload?.delivery_id ?? '',
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
