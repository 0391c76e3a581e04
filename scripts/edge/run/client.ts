import { type RawAnswer, rawRequest } from '../client/raw-request.ts';
import type { EdgeStand } from '../stand/edge-stand.ts';

export interface Call {
  readonly host: 'app' | 'admin' | 'grafana';
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly headers: readonly string[];
  /** JSON. */
  readonly body?: string;
  /** Whose client certificate. */
  readonly certificate?: 'anna' | 'expired';
}

/** One request to the edge as a well-behaved program makes it. */
export function call(stand: EdgeStand, given: Call): Promise<RawAnswer> {
  const { host, path, method = 'GET', headers, body = '', certificate } = given;
  const { domain, ports, certificates } = stand;
  const port = host === 'admin' ? ports.admin : ports.https;
  const own = certificate === undefined ? undefined : certificates.clients.get(certificate);
  const change =
    method === 'GET'
      ? []
      : [
          'Content-Type: application/json',
          `Origin: https://${host}.${domain}:${port}`,
          `Content-Length: ${Buffer.byteLength(body)}`,
        ];
  const lines = [`Host: ${host}.${domain}:${port}`, 'Connection: close', ...headers, ...change];
  return rawRequest({
    port,
    tls: { servername: `${host}.${domain}`, rejectUnauthorized: false, ...own },
    parts: [`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`],
  });
}

/** The status, or what the connection said instead. */
export function told(answer: RawAnswer): number | string {
  return answer.kind === 'answer' ? answer.status : answer.problem;
}

export function expectTold(what: string, answer: RawAnswer, wanted: number | RegExp): void {
  const found = told(answer);
  const right = typeof wanted === 'number' ? found === wanted : wanted.test(String(found));
  if (right) return;
  const body = answer.kind === 'answer' ? answer.body.slice(0, 200) : '';
  throw new Error(`${what}: ${wanted} was expected, got ${found} ${body}`);
}
