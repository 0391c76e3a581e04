import { Agent, type IncomingMessage, request } from 'node:http';

/** An answer that is no 2xx, or none at all (`status` 0). */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly status: number;
  readonly body: unknown;

  constructor(message: string, status: number, body?: unknown, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.status = status;
    this.body = body;
  }
}

export interface JsonRequest {
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds without any sign of life. Default 5,000. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** One JSON question over a kept connection. Rejects with HttpFailure. */
export function askJson(url: string, options: JsonRequest = {}): Promise<unknown> {
  const payload = options.body === undefined ? undefined : JSON.stringify(options.body);
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => reject(new HttpFailure(`${url}: ${reasonOf(cause)}`, 0, undefined, cause));
    const sent = request(url, {
      agent,
      method: options.method ?? 'GET',
      headers: {
        accept: 'application/json',
        ...(payload === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
        ...options.headers,
      },
      timeout: timeoutMs,
    });
    sent.once('error', fail);
    sent.once('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', fail);
      response.once('end', () => settle(url, response, text, resolve, reject));
    });
    sent.end(payload);
  });
}

/** Ends the kept connections, so that the process can exit and the servers can close at once. */
export function closeConnections(): void {
  agent.destroy();
}

function settle(
  url: string,
  response: IncomingMessage,
  text: string,
  resolve: (value: unknown) => void,
  reject: (error: Error) => void,
): void {
  const status = response.statusCode ?? 0;
  const body = parsed(text);
  if (status < 200 || status > 299) {
    reject(new HttpFailure(`${url} answered ${status}: ${text.slice(0, 300)}`, status, body));
  } else if (body === undefined) reject(new HttpFailure(`${url} answered no JSON`, status));
  else resolve(body);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
