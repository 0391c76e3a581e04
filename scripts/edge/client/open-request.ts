import { Agent, request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { CertificateName } from '../cases/request-spec.ts';
import type { EdgeStand } from '../stand/edge-stand.ts';

export interface Asked {
  readonly host: 'app' | 'admin' | 'grafana';
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly certificate?: CertificateName;
  /** A connection of its own without one. */
  readonly agent?: Agent;
  /** Reads no more than the head, so that the rest piles up on its way. */
  readonly unread?: true;
}

/** An answer while it comes. */
export interface OpenRequest {
  /** Undefined until the head has come. */
  readonly status: number | undefined;
  /** What has come so far. */
  readonly text: string;
  readonly ended: boolean;
  /** Resolves once the text is there; rejects when the answer ends, or the connection breaks, without it. */
  until(part: string): Promise<void>;
  /** Resolves with the status when all has come; rejects when the connection breaks before. */
  whole(): Promise<number>;
  /** Once the head has come: which connection it came by, and the fingerprint of the server's certificate there. */
  readonly connection: { readonly port: number; readonly certificate: string } | undefined;
  close(): void;
}

interface State {
  status: number | undefined;
  text: string;
  ended: boolean;
  failed: Error | undefined;
  connection: OpenRequest['connection'];
}

/** A machine with much to do renders for half a minute while an answer waits. */
const SILENT_MS_MAX = 180_000;

export function edgeAgent(stand: EdgeStand, host: Asked['host'], certificate?: CertificateName): Agent {
  const own = certificate === undefined ? undefined : stand.certificates.clients.get(certificate);
  const servername = `${host}.${stand.domain}`;
  return new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false, servername, ...own });
}

/** Asks the edge at its published port and gives the answer piece by piece. */
export function openRequest(stand: EdgeStand, asked: Asked): OpenRequest {
  const { host, path, method = 'GET', headers = {}, certificate } = asked;
  const agent = asked.agent ?? edgeAgent(stand, host, certificate);
  const port = host === 'admin' ? stand.ports.admin : stand.ports.https;
  const state: State = {
    ...{ status: undefined, text: '', ended: false, failed: undefined, connection: undefined },
  };
  const waiting = new Set<() => void>();
  const change = (): void => {
    for (const look of waiting) look();
  };
  const call = request({
    ...{ host: '127.0.0.1', port, method, path, agent, timeout: SILENT_MS_MAX },
    headers: { Host: `${host}.${stand.domain}:${port}`, ...headers },
  });
  const fail = (error: Error): void => {
    state.failed ??= error;
    change();
  };
  call.once('error', fail);
  call.once('timeout', () => call.destroy(new Error('nothing came in time')));
  call.once('response', (response) => {
    state.status = response.statusCode ?? 0;
    const socket = response.socket as TLSSocket;
    state.connection = {
      ...{ port: socket.localPort ?? 0, certificate: socket.getPeerCertificate().fingerprint256 },
    };
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      state.text += text;
      change();
    });
    if (asked.unread) response.pause();
    response.once('error', fail);
    response.once('end', () => {
      state.ended = true;
      change();
    });
    change();
  });
  call.end();
  const seen = (what: string, isThere: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const there = isThere();
        if (!there && state.failed === undefined && !state.ended) return;
        waiting.delete(look);
        if (there) resolve();
        else
          reject(
            new Error(`${path}: ${what} was expected, got ${state.status} ${state.text.slice(0, 200)}`, {
              cause: state.failed,
            }),
          );
      };
      waiting.add(look);
      look();
    });
  return {
    get status() {
      return state.status;
    },
    get text() {
      return state.text;
    },
    get ended() {
      return state.ended;
    },
    until: (part) => seen(`"${part.trim()}"`, () => state.text.includes(part)),
    whole: () => seen('a whole answer', () => state.ended).then(() => state.status ?? 0),
    get connection() {
      return state.connection;
    },
    close: () => {
      call.destroy();
      if (asked.agent === undefined) agent.destroy();
    },
  };
}
