import { Agent, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';

export interface Question {
  /** `http://orchestrator:7001`; of `https:` the certificate is not verified. */
  readonly target: string;
  readonly method: string;
  /** As sent. */
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly timeoutMs?: number;
  /** So many times, one after the other on one connection; the answer then has the milliseconds of each. */
  readonly times?: number;
  /** TLS name, and the client certificate with its key. */
  readonly tls?: { readonly servername: string; readonly cert?: string; readonly key?: string };
}

export interface Reply {
  /** Absent when none came. */
  readonly status?: number;
  readonly body: string;
  readonly error?: string;
  /** The own end of the connection. */
  readonly address?: string;
  readonly tookMs?: readonly number[];
}

const TIMEOUT_MS = 5_000;

export async function ask(question: Question): Promise<Reply> {
  const { times = 1, tls } = question;
  const agent =
    tls === undefined
      ? new Agent({ keepAlive: times > 1, maxSockets: 1 })
      : new TlsAgent({ keepAlive: times > 1, maxSockets: 1, rejectUnauthorized: false, ...tls });
  const tookMs: number[] = [];
  let last: Reply = { body: '' };
  for (let time = 0; time < times; time += 1) {
    const began = performance.now();
    last = await once(question, agent);
    tookMs.push(Math.round((performance.now() - began) * 1_000) / 1_000);
    if (times > 1 && last.status !== 200) break;
  }
  agent.destroy();
  return { ...last, tookMs };
}

function once(question: Question, agent: Agent): Promise<Reply> {
  const { target, method, path, headers, body, timeoutMs = TIMEOUT_MS } = question;
  const { protocol, hostname, port } = new URL(target);
  const start = protocol === 'https:' ? tlsRequest : request;
  return new Promise((resolve) => {
    const failed = (error: Error & { code?: string }): void =>
      resolve({ body: '', error: error.code ?? error.message });
    // Pairs one after the other: names may come twice.
    const lines = [['Host', new URL(target).host] as const, ...headers].filter(
      ([name], index, all) => name !== 'Host' || all.findLastIndex(([other]) => other === 'Host') === index,
    );
    const length = body === undefined ? [] : (['Content-Length', String(Buffer.byteLength(body))] as const);
    const call = start({
      ...{ hostname, port, method, path, agent },
      headers: [...lines.flat(), ...length],
      timeout: timeoutMs,
    });
    call.once('timeout', () => call.destroy(new Error('TIMEOUT')));
    call.once('error', failed);
    call.once('response', (response) => {
      const address = response.socket.localAddress ?? '';
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', failed);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text, address }));
    });
    call.end(body);
  });
}
