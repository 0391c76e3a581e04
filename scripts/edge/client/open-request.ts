import type { IncomingMessage } from 'node:http';
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

/** A machine with much to do renders for half a minute while an answer waits. */
const SILENT_MS_MAX = 180_000;

export function edgeAgent(stand: EdgeStand, host: Asked['host'], certificate?: CertificateName): Agent {
  const own = certificate === undefined ? undefined : stand.certificates.clients.get(certificate);
  const servername = `${host}.${stand.domain}`;
  return new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false, servername, ...own });
}

/** What has come of an answer, and who waits for more of it. */
class Arrival {
  status: number | undefined;
  connection: OpenRequest['connection'];
  text = '';
  ended = false;
  #failed: Error | undefined;
  readonly #waiting = new Set<() => void>();

  change(): void {
    for (const look of this.#waiting) look();
  }

  readonly fail = (error: Error): void => {
    this.#failed ??= error;
    this.change();
  };

  begin(response: IncomingMessage): void {
    this.status = response.statusCode ?? 0;
    const socket = response.socket as TLSSocket;
    const certificate = socket.getPeerCertificate().fingerprint256;
    this.connection = { port: socket.localPort ?? 0, certificate };
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      this.text += text;
      this.change();
    });
    response.once('error', this.fail);
    response.once('end', () => {
      this.ended = true;
      this.change();
    });
    this.change();
  }

  /** Rejects when the answer ends, or the connection breaks, without it. */
  seen(what: string, isThere: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const there = isThere();
        if (!there && this.#failed === undefined && !this.ended) return;
        this.#waiting.delete(look);
        const found = `${this.status} ${this.text.slice(0, 200)} ${this.#failed?.message ?? ''}`;
        if (there) resolve();
        else reject(new Error(`${what} was expected, got ${found}`));
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** Asks the edge at its published port and gives the answer piece by piece. */
export function openRequest(stand: EdgeStand, asked: Asked): OpenRequest {
  const { host, path, method = 'GET', headers = {}, certificate } = asked;
  const agent = asked.agent ?? edgeAgent(stand, host, certificate);
  const port = host === 'admin' ? stand.ports.admin : stand.ports.https;
  const arrival = new Arrival();
  const call = request({
    ...{ host: '127.0.0.1', port, method, path, agent, timeout: SILENT_MS_MAX },
    headers: { Host: `${host}.${stand.domain}:${port}`, ...headers },
  });
  call.once('error', arrival.fail);
  call.once('timeout', () => call.destroy(new Error('nothing came in time')));
  call.once('response', (response) => {
    arrival.begin(response);
    if (asked.unread) response.pause();
  });
  call.end();
  return {
    get status() {
      return arrival.status;
    },
    get text() {
      return arrival.text;
    },
    get ended() {
      return arrival.ended;
    },
    get connection() {
      return arrival.connection;
    },
    until: (part) => arrival.seen(`${path}: "${part.trim()}"`, () => arrival.text.includes(part)),
    whole: () => arrival.seen(`${path}: a whole answer`, () => arrival.ended).then(() => arrival.status ?? 0),
    close: () => {
      call.destroy();
      if (asked.agent === undefined) agent.destroy();
    },
  };
}
