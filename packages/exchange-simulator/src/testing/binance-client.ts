import { createHmac } from 'node:crypto';
import { PAPER_KEY, type RunningSimulator } from '../start-simulator.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/** A plain client of the REST API, for the tests that look at single answers. */
export class BinanceClient {
  private readonly simulator: RunningSimulator;

  constructor(simulator: RunningSimulator) {
    this.simulator = simulator;
  }

  get(path: string, parameters: Readonly<Record<string, string | number>> = {}): Promise<Answer> {
    return this.send('GET', `${path}?${encode(parameters)}`);
  }

  /** A signed request, its parameters in the query (GET, DELETE) or in the body (POST). */
  signed(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    parameters: Readonly<Record<string, string | number>> = {},
  ): Promise<Answer> {
    const text = encode({ ...parameters, timestamp: Date.now() });
    const signed = `${text}&signature=${signatureOf(text)}`;
    const headers = { 'X-MBX-APIKEY': PAPER_KEY.key };
    return method === 'POST'
      ? this.send(method, path, headers, signed)
      : this.send(method, `${path}?${signed}`, headers);
  }

  order(parameters: Readonly<Record<string, string | number>>): Promise<Answer> {
    return this.signed('POST', 'order', parameters);
  }

  async send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string,
  ): Promise<Answer> {
    const response = await fetch(`${this.simulator.url}/api/v3/${path}`, {
      method,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, body: await response.json(), headers: response.headers };
  }

  async control(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.simulator.controlUrl}/control/${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json(), headers: response.headers };
  }

  advance(): Promise<Answer> {
    return this.control('POST', 'advance');
  }
}

export function signatureOf(text: string, secret: string = PAPER_KEY.secret): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}

function encode(parameters: Readonly<Record<string, string | number>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) query.set(name, String(value));
  return query.toString();
}
