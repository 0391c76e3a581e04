import type { WebSocket } from 'ws';
import type { BarSet } from '../market/market.ts';
import type { ApiContext } from '../rest/endpoint.ts';
import { closedBarMessages, parseStream, streamName } from './market-messages.ts';
import { readJsonObject, sendJson } from './socket-text.ts';

interface Reader {
  readonly names: Set<string>;
  /** Combined streams wrap each message in `{stream, data}`. */
  readonly combined: boolean;
}

const STREAMS_MAX = 1_024;

/**
 * The market streams: `/ws/<name>`, `/stream?streams=<name>/<name>` and SUBSCRIBE, UNSUBSCRIBE and LIST_SUBSCRIPTIONS
 * on either. Messages go out when a set closes, candle after candle in configured order.
 */
export class MarketStreams {
  private readonly readers = new Map<WebSocket, Reader>();
  private readonly context: ApiContext;

  constructor(context: ApiContext) {
    this.context = context;
  }

  /** `names` that are no stream (ccxt connects to `/ws/0`) are passed over, as Binance does. */
  connect(socket: WebSocket, names: readonly string[], combined: boolean): void {
    const known = names.filter((name) => this.knows(name));
    this.readers.set(socket, { names: new Set(known), combined });
    socket.on('message', (data) => this.command(socket, readJsonObject(data)));
    socket.on('close', () => this.readers.delete(socket));
  }

  setClosed(set: BarSet, time: number): void {
    const { market } = this.context.simulation;
    for (const { symbol, bar } of set.bars) {
      const instrument = market.instruments.find((known) => known.symbol === symbol);
      if (instrument === undefined) continue;
      const closed = { instrument, bar, time, interval: market.interval, intervalMs: market.intervalMs };
      for (const { channel, message } of closedBarMessages(closed, this.context))
        this.publish(streamName(symbol, channel), message);
    }
  }

  private publish(name: string, message: () => unknown): void {
    let made: unknown;
    for (const [socket, reader] of this.readers) {
      if (!reader.names.has(name)) continue;
      made ??= message();
      sendJson(socket, reader.combined ? { stream: name, data: made } : made);
    }
  }

  private command(socket: WebSocket, request: Readonly<Record<string, unknown>> | null): void {
    const reader = this.readers.get(socket);
    if (reader === undefined) return;
    const id = request?.['id'] ?? null;
    const names = request?.['params'];
    switch (request?.['method']) {
      case 'LIST_SUBSCRIPTIONS':
        sendJson(socket, { result: [...reader.names], id });
        return;
      case 'SUBSCRIBE':
      case 'UNSUBSCRIBE': {
        const fault = this.change(reader, request['method'] === 'SUBSCRIBE', names);
        sendJson(socket, fault === null ? { result: null, id } : { error: { code: 2, msg: fault }, id });
        return;
      }
      default:
        sendJson(socket, {
          error: {
            code: 2,
            msg: 'Invalid request: unknown method; use SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS',
          },
          id,
        });
    }
  }

  private change(reader: Reader, subscribe: boolean, names: unknown): string | null {
    if (!Array.isArray(names) || !names.every((name): name is string => typeof name === 'string'))
      return 'Invalid request: params must be an array of stream names';
    const unknown = names.find((name) => !this.knows(name));
    if (unknown !== undefined)
      return `Invalid request: invalid stream ${JSON.stringify(unknown.slice(0, 60))}`;
    if (subscribe && reader.names.size + names.length > STREAMS_MAX)
      return `Invalid request: more than ${STREAMS_MAX} streams on one connection`;
    for (const name of names) {
      if (subscribe) reader.names.add(name);
      else reader.names.delete(name);
    }
    return null;
  }

  private knows(name: string): boolean {
    const { symbols, interval } = this.context.simulation.market;
    return parseStream(name, symbols, interval) !== null;
  }
}
