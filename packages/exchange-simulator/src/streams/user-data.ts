import type { WebSocket } from 'ws';
import type { UserEvent } from '../exchange/user-events.ts';
import { BinanceError } from '../rest/binance-error.ts';
import type { ApiContext } from '../rest/endpoint.ts';
import { rateLimits } from '../rest/exchange-info.ts';
import { Parameters } from '../rest/parameters.ts';
import { type ApiKey, checkHmac, checkKey, checkWindow } from '../rest/signature.ts';
import { readJsonObject, sendJson } from './socket-text.ts';

type Request = Readonly<Record<string, unknown>>;

/**
 * The WebSocket API (`/ws-api/v3`) as far as user data need it: ping, time, and the user data stream subscribed by
 * signature. Events go out as `{subscriptionId, event}` in the order in which they happened; what happened while
 * nobody was connected is not repeated.
 */
export class UserDataStreams {
  private readonly subscriptions = new Map<WebSocket, Set<number>>();
  private readonly context: ApiContext;
  private readonly account: ApiKey;

  constructor(context: ApiContext, account: ApiKey) {
    this.context = context;
    this.account = account;
  }

  connect(socket: WebSocket): void {
    this.subscriptions.set(socket, new Set());
    socket.on('message', (data) => this.answer(socket, readJsonObject(data)));
    socket.on('close', () => this.subscriptions.delete(socket));
  }

  userEvents(events: readonly UserEvent[]): void {
    for (const [socket, ids] of this.subscriptions)
      for (const event of events)
        for (const subscriptionId of ids) sendJson(socket, { subscriptionId, event });
  }

  private answer(socket: WebSocket, request: Request | null): void {
    const id = request?.['id'] ?? null;
    const limits = { rateLimits: rateLimits(this.context.weightLimit) };
    try {
      if (request === null) throw new BinanceError('PARAMETER', 'request');
      sendJson(socket, { id, status: 200, result: this.result(socket, request), ...limits });
    } catch (error) {
      if (!(error instanceof BinanceError)) throw error;
      sendJson(socket, { id, status: error.status, error: error.body(), ...limits });
    }
  }

  private result(socket: WebSocket, request: Request): unknown {
    const ids = this.subscriptions.get(socket) ?? new Set<number>();
    switch (request['method']) {
      case 'ping':
        return {};
      case 'time':
        return { serverTime: this.context.wall() };
      case 'userDataStream.subscribe.signature': {
        this.checkSignature(request['params']);
        const subscriptionId = Math.max(-1, ...ids) + 1;
        ids.add(subscriptionId);
        return { subscriptionId };
      }
      case 'userDataStream.unsubscribe':
        ids.clear();
        return {};
      default:
        throw new BinanceError('UNSUPPORTED');
    }
  }

  /** The signed text is the parameters in alphabetical order, without the signature. */
  private checkSignature(given: unknown): void {
    if (typeof given !== 'object' || given === null) throw new BinanceError('MANDATORY', 'params');
    const entries = Object.entries(given)
      .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
      .map(([name, value]): [string, string] => [name, String(value)])
      .sort(([left], [right]) => (left < right ? -1 : 1));
    const parameters = new Parameters(new URLSearchParams(entries).toString());
    checkKey(parameters.optional('apiKey'), this.account);
    const signature = parameters.text('signature');
    checkWindow(parameters, this.context.wall());
    const signed = entries.filter(([name]) => name !== 'signature');
    checkHmac(signed.map(([name, value]) => `${name}=${value}`).join('&'), signature, this.account.secret);
  }
}
