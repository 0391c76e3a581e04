import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly adminToken: string | undefined;
  readonly serviceSecret: string | undefined;
  readonly requestId: string | undefined;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface FakeFleet {
  readonly url: string;
  readonly asked: Asked[];
  /** By path without query; what is not there answers 404 as a problem document, `hang` never. */
  readonly answers: Record<string, FakeAnswer | 'hang'>;
  close(): Promise<void>;
}

const NOT_FOUND: FakeAnswer = {
  status: 404,
  body: { code: 'NOT_FOUND', detail: 'nothing here', action: 'Check the id.' },
};

/** One server that plays all services of the fleet. */
export async function fakeFleet(): Promise<FakeFleet> {
  const asked: Asked[] = [];
  const answers: Record<string, FakeAnswer | 'hang'> = {};
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const header = (name: string) => request.headers[name] as string | undefined;
    const method = request.method ?? '';
    asked.push({
      method,
      path,
      adminToken: header('x-admin-token'),
      serviceSecret: header('x-service-secret'),
      requestId: header('x-request-id'),
    });
    const answer = answers[path.split('?')[0] ?? ''] ?? NOT_FOUND;
    if (answer === 'hang') return;
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answers,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
