import { MARKET_CLOSED } from '@fleet/domain/execution';
import { defineError, type FleetError, redactText, safeError } from '@fleet/shared/errors';

export const VenueUnavailable = defineError({
  code: 'VENUE_UNAVAILABLE',
  title: 'The venue does not answer',
  status: 503,
  retry: 'retry',
  action:
    'Nothing, if it comes back: what was missed is fetched then. Else look at the venue, or at SIMULATOR_URL.',
});
export const VenueRefused = defineError({
  code: 'VENUE_REFUSED',
  title: 'The venue refused a query',
  status: 502,
  retry: 'retry',
  action: 'Read the message: a wrong key, a missing permission, a clock that is off, or too many requests.',
});
export const VenueUnreadable = defineError({
  code: 'VENUE_UNREADABLE',
  title: 'The venue said something that cannot be understood',
  status: 502,
  retry: 'retry',
  action: 'Compare the message with the description of the venue: it may have changed its format.',
});
export const VenueHostRefused = defineError({
  code: 'VENUE_HOST_REFUSED',
  title: 'The executor would have reached another host than it is meant to',
  status: 500,
  retry: 'crash',
  action: 'Correct SIMULATOR_URL, or in live mode the addresses of the exchange client.',
});

/** An answer with an error status or an error code, rebuilt from what is safe to show. */
export class VenueAnswerError extends Error {
  override readonly name = 'VenueAnswerError';
  readonly httpStatus: number;
  /** The venue's own code; null when the body had none. */
  readonly venueCode: number | null;
  /** Of a cancel-replace: what became of its halves. */
  readonly data: unknown;

  constructor(httpStatus: number, body: unknown) {
    const { code, msg, data } = bodyOf(body);
    super(`HTTP ${httpStatus}${code === null ? '' : `, code ${code}`}: ${msg}`);
    this.httpStatus = httpStatus;
    this.venueCode = code;
    this.data = data;
  }
}

function bodyOf(body: unknown): { code: number | null; msg: string; data: unknown } {
  if (typeof body !== 'object' || body === null) return { code: null, msg: 'no readable body', data: null };
  const { code, msg, data } = body as { code?: unknown; msg?: unknown; data?: unknown };
  const numeric = Number(code);
  return {
    code: Number.isInteger(numeric) && numeric < 0 ? numeric : null,
    msg: typeof msg === 'string' ? redactText(msg).slice(0, 200) : 'no message',
    data: data ?? null,
  };
}

/** The error of a query, with nothing of the vendor's in it but words that are safe to log. */
export function queryError(error: unknown): FleetError {
  if (error instanceof VenueUnreadable) return error;
  if (error instanceof VenueAnswerError && error.httpStatus < 500) return new VenueRefused(error.message);
  return new VenueUnavailable(safeError(error).message.slice(0, 300));
}

export type Proof = 'rejected' | 'untimely' | 'ambiguous';

/** Codes that say that the request was not taken because of its moment. */
const UNTIMELY: ReadonlySet<number> = new Set([-1003, -1015, -1021]);
/** Codes that leave open whether the request was done, whatever the HTTP status. */
const AMBIGUOUS: ReadonlySet<number> = new Set([-1000, -1001, -1006, -1007]);

const ORDER_REJECTED = -2010;
const DUPLICATE = /duplicate order/i;

/**
 * What a failed request proves. Only an answer of the venue itself proves anything: a code of its own with a status
 * below 500, or a rate limit's status. Everything else (time-out, cut connection, 5xx, another's 4xx page, a body that
 * cannot be read) leaves open what became of it.
 */
export function proofOf(error: unknown): Proof {
  if (!(error instanceof VenueAnswerError)) return 'ambiguous';
  const { httpStatus, venueCode } = error;
  if (httpStatus === 429 || httpStatus === 418) return 'untimely';
  if (httpStatus >= 500 || venueCode === null || AMBIGUOUS.has(venueCode)) return 'ambiguous';
  // An order under this id stands already: perhaps an earlier request of ours that was taken for lost.
  if (venueCode === ORDER_REJECTED && DUPLICATE.test(error.message)) return 'ambiguous';
  return UNTIMELY.has(venueCode) ? 'untimely' : 'rejected';
}

const FILTER_FAILURE = -1013;
const CLOSED = /market is closed/i;

/** Stable code of a refusal, for the record and the metrics: `VENUE_2010`, or the desk's own for a closed market. */
export function refusalCode(error: unknown): string {
  if (!(error instanceof VenueAnswerError)) return 'VENUE_REFUSED';
  const { venueCode, message } = error;
  if (venueCode === FILTER_FAILURE && CLOSED.test(message)) return MARKET_CLOSED;
  return venueCode === null ? 'VENUE_REFUSED' : `VENUE_${Math.abs(venueCode)}`;
}
