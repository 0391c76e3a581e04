import type { Refusal } from '../exchange/exchange.ts';

interface ErrorRow {
  readonly code: number;
  readonly status: number;
  /** `%` stands for the detail: a parameter's name, a legal range. */
  readonly message: string;
}

/** Binance's codes, HTTP statuses and texts, as far as the simulator gives them. Clients match on code and text. */
export const BINANCE_ERRORS = {
  UNKNOWN: { code: -1000, status: 500, message: 'An unknown error occurred while processing the request.' },
  TOO_MANY_REQUESTS: {
    code: -1003,
    status: 429,
    message:
      'Too much request weight used; current limit is % request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.',
  },
  SERVER_BUSY: {
    code: -1008,
    status: 503,
    message: 'Server is currently overloaded with other requests. Please try again in a few minutes.',
  },
  FILTER_PRICE: { code: -1013, status: 400, message: 'Filter failure: PRICE_FILTER' },
  FILTER_LOT_SIZE: { code: -1013, status: 400, message: 'Filter failure: LOT_SIZE' },
  FILTER_NOTIONAL: { code: -1013, status: 400, message: 'Filter failure: NOTIONAL' },
  MARKET_CLOSED: { code: -1013, status: 400, message: 'Market is closed.' },
  QUOTE_QUANTITY: {
    code: -1013,
    status: 400,
    message: 'Quote order qty market orders are not support for this symbol.',
  },
  UNSUPPORTED: { code: -1020, status: 404, message: 'This operation is not supported.' },
  TIMESTAMP_OUTSIDE: {
    code: -1021,
    status: 400,
    message: 'Timestamp for this request is outside of the recvWindow.',
  },
  TIMESTAMP_AHEAD: {
    code: -1021,
    status: 400,
    message: "Timestamp for this request was 1000ms ahead of the server's time.",
  },
  SIGNATURE: { code: -1022, status: 400, message: 'Signature for this request is not valid.' },
  ILLEGAL_CHARACTERS: { code: -1100, status: 400, message: 'Illegal characters found in parameter %' },
  REPEATED_PARAMETER: { code: -1101, status: 400, message: "Duplicate values for parameter '%' detected." },
  MANDATORY: {
    code: -1102,
    status: 400,
    message: "Mandatory parameter '%' was not sent, was empty/null, or malformed.",
  },
  EITHER_MANDATORY: { code: -1102, status: 400, message: 'Param % must be sent, but both were empty/null!' },
  NOT_REQUIRED: { code: -1106, status: 400, message: "Parameter '%' sent when not required." },
  PRECISION: { code: -1111, status: 400, message: "Parameter '%' has too much precision." },
  TIME_IN_FORCE: { code: -1115, status: 400, message: 'Invalid timeInForce.' },
  ORDER_TYPE: { code: -1116, status: 400, message: 'Invalid orderType.' },
  SIDE: { code: -1117, status: 400, message: 'Invalid side.' },
  INTERVAL: { code: -1120, status: 400, message: 'Invalid interval.' },
  SYMBOL: { code: -1121, status: 400, message: 'Invalid symbol.' },
  TIME_RANGE: { code: -1127, status: 400, message: 'More than 24 hours between startTime and endTime.' },
  PARAMETER: { code: -1130, status: 400, message: "Data sent for parameter '%' is not valid." },
  RECV_WINDOW: { code: -1131, status: 400, message: 'recvWindow must be less than 60000' },
  DUPLICATE_ORDER: { code: -2010, status: 400, message: 'Duplicate order sent.' },
  INSUFFICIENT_BALANCE: {
    code: -2010,
    status: 400,
    message: 'Account has insufficient balance for requested action.',
  },
  STOP_WOULD_TRIGGER: { code: -2010, status: 400, message: 'Stop price would trigger immediately.' },
  WOULD_MATCH_IMMEDIATELY: { code: -2010, status: 400, message: 'Order would immediately match and take.' },
  NO_PRICE: { code: -2010, status: 400, message: 'Market order rejected: the symbol has no price yet.' },
  UNKNOWN_ORDER: { code: -2011, status: 400, message: 'Unknown order sent.' },
  NO_SUCH_ORDER: { code: -2013, status: 400, message: 'Order does not exist.' },
  KEY_FORMAT: { code: -2014, status: 401, message: 'API-key format invalid.' },
  KEY_UNKNOWN: { code: -2015, status: 401, message: 'Invalid API-key, IP, or permissions for action.' },
  REPLACE_PARTLY_FAILED: { code: -2021, status: 409, message: 'Order cancel-replace partially failed.' },
  REPLACE_FAILED: { code: -2022, status: 400, message: 'Order cancel-replace failed.' },
} as const satisfies Readonly<Record<string, ErrorRow>>;

export type BinanceErrorName = keyof typeof BINANCE_ERRORS;

/** An answer that is an error, in Binance's form. */
export class BinanceError extends Error {
  override readonly name = 'BinanceError';
  readonly row: BinanceErrorName;
  readonly code: number;
  readonly status: number;
  readonly data: unknown;

  constructor(row: BinanceErrorName, detail = '', data?: unknown) {
    const { code, status, message } = BINANCE_ERRORS[row];
    super(message.replace('%', () => detail));
    this.row = row;
    this.code = code;
    this.status = status;
    this.data = data;
  }

  /** The body of the answer. */
  body(): { readonly code: number; readonly msg: string; readonly data?: unknown } {
    const { code, message: msg, data } = this;
    return data === undefined ? { code, msg } : { code, msg, data };
  }
}

const REFUSALS: Readonly<Record<Refusal, BinanceErrorName>> = {
  DUPLICATE_ORDER: 'DUPLICATE_ORDER',
  INSUFFICIENT_BALANCE: 'INSUFFICIENT_BALANCE',
  FILTER_PRICE: 'FILTER_PRICE',
  FILTER_LOT_SIZE: 'FILTER_LOT_SIZE',
  FILTER_NOTIONAL: 'FILTER_NOTIONAL',
  STOP_WOULD_TRIGGER: 'STOP_WOULD_TRIGGER',
  WOULD_MATCH_IMMEDIATELY: 'WOULD_MATCH_IMMEDIATELY',
  UNKNOWN_SYMBOL: 'SYMBOL',
  UNKNOWN_ORDER: 'UNKNOWN_ORDER',
  NO_PRICE: 'NO_PRICE',
  MARKET_CLOSED: 'MARKET_CLOSED',
};

export function refused(refusal: Refusal): BinanceError {
  return new BinanceError(REFUSALS[refusal]);
}
