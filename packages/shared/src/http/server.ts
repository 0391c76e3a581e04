import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defineError } from '../errors/index.ts';

export const PortTaken = defineError({
  code: 'PORT_TAKEN',
  title: 'The port is taken',
  status: 500,
  retry: 'crash',
  action: 'Stop the program that listens there (ss -ltnp shows it), or set PORT to a free one; 0 takes any.',
});
export const CannotListen = defineError({
  code: 'CANNOT_LISTEN',
  title: 'The service cannot listen at its address',
  status: 500,
  retry: 'crash',
  action: 'Set HOST to an address of this machine and PORT to one that this user may open (above 1023).',
});

/** Longer than the idle time of the proxies in front (60 s), so that it is never the service that closes first. */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_MS_MAX = 10_000;
/** The whole request must have arrived; longer than the headers, shorter than an idle connection. */
const REQUEST_MS_MAX = 30_000;
/** How often Node looks for requests that are too slow; its own 30 s would make the bounds above four times as long. */
const CHECK_MS = 2_000;
const CONNECTIONS_MAX = 2_000;
/** What is in flight gets this long; then its connections are cut. */
const DRAIN_MS_MAX = 1_500;

export interface Listening {
  /** The port in use, also where 0 was asked for. */
  readonly port: number;
  /** Stops accepting, lets what is in flight end, closes idle connections, cuts the rest after 1.5 s. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Aborted by `close`, so that readiness and long answers (event streams) see the stop. */
  readonly closing?: AbortController;
  readonly bounds?: Partial<ServerBounds>;
}

/** Milliseconds that a client has, and between two looks at who is too slow. */
export interface ServerBounds {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly checkMs: number;
}

/** Listens with bounded time-outs. `app` may be any handler, also one that hands on to another. */
export async function listen(app: RequestListener, options: ListenOptions): Promise<Listening> {
  const { host, port, closing = new AbortController() } = options;
  const { headersMs = HEADERS_MS_MAX, requestMs = REQUEST_MS_MAX, checkMs = CHECK_MS } = options.bounds ?? {};
  const times = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: checkMs,
  };
  const server = createServer({ ...times, keepAliveTimeout: KEEP_ALIVE_MS }, app);
  server.maxConnections = CONNECTIONS_MAX;
  await listening(server, host, port);
  let closed: Promise<void> | undefined;
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      closed ??= drain(server, closing);
      return closed;
    },
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen({ host, port, exclusive: true }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): Error {
  if (cause.code === 'EADDRINUSE')
    return new PortTaken(`another program listens on ${host}:${port}`, { cause });
  return new CannotListen(`cannot listen on ${host}:${port} (${cause.code ?? cause.message})`, { cause });
}

async function drain(server: Server, closing: AbortController): Promise<void> {
  closing.abort(new Error('the service is stopping'));
  const done = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS_MAX);
  await done;
  clearTimeout(cut);
}
