import { connect as connectPlain, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** Exactly these bytes, to this port, and nothing that an HTTP client would mend on its way. */
export interface RawRequest {
  /** The loopback's IPv4 when absent. */
  readonly host?: string;
  readonly port: number;
  /** Absent: no TLS. */
  readonly tls?: ConnectionOptions;
  /** Whole request, head and body, in parts that are sent one after the other. */
  readonly parts: readonly (string | Buffer)[];
  /** Between two parts. */
  readonly pauseMs?: number;
  readonly timeoutMs?: number;
  /** Says that nothing more comes, and waits for the answer. */
  readonly halfClose?: boolean;
}

export type RawAnswer =
  /** `problem`: what the TLS layer said, `ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED`. */
  | { readonly kind: 'no-answer'; readonly problem: string; readonly afterMs: number }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: ReadonlyMap<string, readonly string[]>;
      readonly body: string;
      readonly afterMs: number;
    };

const TIMEOUT_MS = 15_000;

/** Resolves whatever happens; a connection that ends without a status line is `no-answer`. */
export function rawRequest(request: RawRequest): Promise<RawAnswer> {
  const began = performance.now();
  return new Promise((resolve) => {
    let received = '';
    let problem = '';
    const socket = open(request);
    const end = (why: string): void => {
      problem ||= why;
      socket.destroy();
      const afterMs = performance.now() - began;
      resolve(parseAnswer(received, afterMs) ?? { kind: 'no-answer', problem, afterMs });
    };
    socket.setTimeout(request.timeoutMs ?? TIMEOUT_MS, () => end('nothing came back in time'));
    socket.once(request.tls === undefined ? 'connect' : 'secureConnect', () => {
      void send(socket, request);
    });
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      received += text;
      if (isComplete(received)) end('');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.once('close', () => end('the connection was closed without a word'));
  });
}

function open({ port, host = '127.0.0.1', tls }: RawRequest): Socket {
  if (tls === undefined) return connectPlain({ port, host });
  return connectTls({ port, host, ALPNProtocols: ['http/1.1'], ...tls });
}

async function send(socket: Socket, { parts, pauseMs = 0, halfClose = false }: RawRequest): Promise<void> {
  for (const [index, part] of parts.entries()) {
    if (index > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (socket.destroyed) return;
    socket.write(part, () => undefined);
  }
  if (halfClose) socket.end();
}

function isComplete(text: string): boolean {
  const split = text.indexOf('\r\n\r\n');
  if (split < 0) return false;
  const head = text.slice(0, split);
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length !== undefined) return text.length - split - 4 >= Number(length);
  if (/^transfer-encoding: *chunked/im.test(head)) return text.endsWith('0\r\n\r\n');
  return /^HTTP\/1\.1 (204|304)/.test(head);
}

function parseAnswer(text: string, afterMs: number): RawAnswer | undefined {
  const split = text.indexOf('\r\n\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  if (status === undefined || split < 0) return undefined;
  const headers = new Map<string, string[]>();
  for (const line of text.slice(0, split).split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  const rest = text.slice(split + 4);
  const chunked = headers.get('transfer-encoding')?.includes('chunked') === true;
  return {
    kind: 'answer',
    status: Number(status),
    headers,
    body: Buffer.from(chunked ? unchunked(rest) : rest, 'latin1').toString('utf8'),
    afterMs,
  };
}

function unchunked(text: string): string {
  let rest = text;
  let body = '';
  for (;;) {
    const line = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.slice(0, line), 16);
    if (line < 0 || !(size > 0)) return body;
    body += rest.slice(line + 2, line + 2 + size);
    rest = rest.slice(line + 2 + size + 2);
  }
}
