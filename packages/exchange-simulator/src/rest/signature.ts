import { createHmac, timingSafeEqual } from 'node:crypto';
import { BinanceError } from './binance-error.ts';
import type { Parameters } from './parameters.ts';

/** The one key pair of the simulated account. */
export interface ApiKey {
  readonly key: string;
  readonly secret: string;
}

const RECV_WINDOW_DEFAULT = 5_000;
const RECV_WINDOW_MAX = 60_000;
/** How far a clock may run ahead of the venue's. */
const AHEAD_MS_MAX = 1_000;
const SIGNATURE = /(^|&)signature=([^&]*)/;

/**
 * Checks a signed request as Binance does: key, time window (wall time), then the HMAC-SHA256 over the exact query
 * followed by the exact body, each without its signature.
 * @throws BinanceError -2014, -2015, -1102, -1131, -1021 or -1022.
 */
export function checkSigned(
  request: { readonly key: string | undefined; readonly query: string; readonly body: string },
  parameters: Parameters,
  account: ApiKey,
  wallTime: number,
): void {
  checkKey(request.key, account);
  const given = parameters.text('signature');
  checkWindow(parameters, wallTime);
  checkHmac(`${unsigned(request.query)}${unsigned(request.body)}`, given, account.secret);
}

export function checkKey(key: string | undefined, account: ApiKey): void {
  if (key === undefined || !/^[A-Za-z0-9_-]{1,128}$/.test(key)) throw new BinanceError('KEY_FORMAT');
  if (!sameText(key, account.key)) throw new BinanceError('KEY_UNKNOWN');
}

/** The request must not be older than its window nor more than a second from the future. */
export function checkWindow(parameters: Parameters, wallTime: number): void {
  const timestamp = parameters.integer('timestamp');
  const recvWindow = parameters.optionalInteger('recvWindow') ?? RECV_WINDOW_DEFAULT;
  if (recvWindow > RECV_WINDOW_MAX) throw new BinanceError('RECV_WINDOW');
  if (timestamp > wallTime + AHEAD_MS_MAX) throw new BinanceError('TIMESTAMP_AHEAD');
  if (wallTime - timestamp > recvWindow) throw new BinanceError('TIMESTAMP_OUTSIDE');
}

export function checkHmac(payload: string, signature: string, secret: string): void {
  const expected = createHmac('sha256', secret).update(payload).digest('hex');
  if (!sameText(signature.toLowerCase(), expected)) throw new BinanceError('SIGNATURE');
}

function unsigned(encoded: string): string {
  return encoded.replace(SIGNATURE, '');
}

function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
