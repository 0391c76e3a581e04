import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SetSilence {
  readonly id: string;
  readonly matchers: readonly { readonly name: string; readonly value: string }[];
  readonly createdBy: string;
  readonly comment: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly status: { readonly state: string };
}

export interface FakeAlertmanager {
  readonly url: string;
  readonly silences: readonly SetSilence[];
  readonly authorizations: readonly (string | undefined)[];
  /** What the next requests to make a silence meet: a status, or a silence made whose answer is lost. */
  script(...answers: readonly (number | 'cut-after-making')[]): void;
  close(): Promise<void>;
}

/** GET and POST of /api/v2/silences, as Alertmanager's `api/v2/openapi.yaml` describes them. */
export async function fakeAlertmanager(): Promise<FakeAlertmanager> {
  const silences: SetSilence[] = [];
  const authorizations: (string | undefined)[] = [];
  let scripted: (number | 'cut-after-making')[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      authorizations.push(request.headers.authorization);
      if (request.url !== '/alertmanager/api/v2/silences') return response.writeHead(404).end();
      if (request.method === 'GET') return response.end(JSON.stringify(silences));
      const answer = scripted.shift();
      if (typeof answer === 'number') return response.writeHead(answer).end('{}');
      const id = `silence-${silences.length + 1}`;
      silences.push({ ...JSON.parse(text), id, status: { state: 'active' } });
      return answer === undefined ? response.end(JSON.stringify({ silenceID: id })) : response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alertmanager/`,
    silences,
    authorizations,
    script: (...answers) => {
      scripted = [...scripted, ...answers];
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
