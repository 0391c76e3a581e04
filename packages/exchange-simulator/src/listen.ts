import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SimulatorCannotListen } from './simulator-errors.ts';

/** Listens, or says which address is taken; 0 takes any free port. */
export function listen(
  app: RequestListener,
  host: string,
  port: number,
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer(app);
  // Longer than any client keeps an idle connection, so that it is the client that closes it.
  server.keepAliveTimeout = 75_000;
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE' ? 'another program listens there' : (cause.code ?? cause.message);
      reject(new SimulatorCannotListen(`cannot listen on ${host}:${port}: ${why}`, { cause }));
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.removeAllListeners('error');
      resolve({ server, port: (server.address() as AddressInfo).port });
    });
  });
}

/** Stops accepting and cuts what is open: nothing that was answered is lost by it. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
