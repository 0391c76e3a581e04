import type { ServerResponse } from 'node:http';
import { defineError } from '@fleet/shared/errors';

export const TooManyListeners = defineError({
  code: 'TOO_MANY_LISTENERS',
  title: 'Too many clients follow the events already',
  status: 503,
  retry: 'retry',
  action: 'Close a client that is not needed, or ask GET /status and GET /cycles instead.',
});

const CLIENTS_MAX = 32;
/** A client that reads so slowly is let go of: it reconnects and asks for the state. */
const BUFFERED_BYTES_MAX = 262_144;
const HEARTBEAT_MS = 15_000;

/** Clients of server-sent events; bounded in number and in what is held for each. */
export class EventHub {
  readonly #clients = new Set<ServerResponse>();
  #heartbeat: NodeJS.Timeout | undefined;
  #id = 0;

  get size(): number {
    return this.#clients.size;
  }

  /** @throws TOO_MANY_LISTENERS */
  add(response: ServerResponse, signal: AbortSignal): void {
    if (this.#clients.size >= CLIENTS_MAX) throw new TooManyListeners();
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    response.write('retry: 2000\n\n');
    this.#clients.add(response);
    const drop = () => this.#drop(response);
    response.on('close', drop);
    signal.addEventListener('abort', drop, { once: true });
    this.#heartbeat ??= setInterval(() => this.#send(': \n\n'), HEARTBEAT_MS).unref();
  }

  publish(event: 'state' | 'cycle' | 'fill', data: unknown): void {
    if (this.#clients.size === 0) return;
    this.#id += 1;
    this.#send(`id: ${this.#id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  close(): void {
    for (const client of this.#clients) this.#drop(client);
  }

  #send(text: string): void {
    for (const client of this.#clients) {
      if (client.writableLength > BUFFERED_BYTES_MAX) this.#drop(client);
      else client.write(text);
    }
  }

  #drop(client: ServerResponse): void {
    if (!this.#clients.delete(client)) return;
    client.end();
    if (client.writableLength > BUFFERED_BYTES_MAX) client.destroy();
    if (this.#clients.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }
}
