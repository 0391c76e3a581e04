import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { MarketStreams } from './market-streams.ts';
import type { UserDataStreams } from './user-data.ts';

const MESSAGE_BYTES_MAX = 64 * 1024;
/** As Binance does: a ping every 20 s; who has not answered by the next one is gone. */
const PING_MS = 20_000;

export interface StreamServer {
  /** Cuts every connection, as a network would. */
  disconnectAll(): void;
  close(): void;
}

/** Takes the WebSocket upgrades of a server: `/ws…`, `/stream…` and `/ws-api/v3`. */
export function streamServer(server: Server, market: MarketStreams, user: UserDataStreams): StreamServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX });
  const alive = new WeakSet<WebSocket>();
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const connect = route(request.url ?? '/', market, user);
    if (connect === null) {
      stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => {
      alive.add(socket);
      socket.on('pong', () => alive.add(socket));
      // A broken frame closes the connection; that is all there is to say.
      socket.on('error', () => socket.terminate());
      connect(socket);
    });
  });
  const disconnectAll = (): void => {
    for (const socket of sockets.clients) socket.terminate();
  };
  const pings = setInterval(() => pingAll(sockets, alive), PING_MS).unref();
  return {
    disconnectAll,
    close: () => {
      clearInterval(pings);
      disconnectAll();
      sockets.close();
    },
  };
}

function route(
  url: string,
  market: MarketStreams,
  user: UserDataStreams,
): ((socket: WebSocket) => void) | null {
  const { pathname, searchParams } = new URL(url, 'ws://simulator');
  if (pathname === '/ws-api/v3') return (socket) => user.connect(socket);
  const [, kind, ...names] = pathname.split('/');
  if (kind === 'ws') return (socket) => market.connect(socket, names, false);
  if (kind !== 'stream') return null;
  const asked = (searchParams.get('streams') ?? '').split('/');
  return (socket) => market.connect(socket, [...names, ...asked], true);
}

function pingAll(sockets: WebSocketServer, alive: WeakSet<WebSocket>): void {
  for (const socket of sockets.clients) {
    if (!alive.delete(socket)) socket.terminate();
    else socket.ping();
  }
}
