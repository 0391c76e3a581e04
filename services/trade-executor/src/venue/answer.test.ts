import { describe, expect, it } from 'vitest';
import { NetworkError, RequestTimeout } from '../../node_modules/ccxt/js/src/base/errors.js';
import { replaceAnswer, requestAnswer } from './answer.ts';
import { proofOf, VenueAnswerError } from './errors.ts';

const answered = (status: number, code: number | null, msg = 'refused', data?: unknown) =>
  new VenueAnswerError(status, code === null ? '<html>' : { code, msg, data });

/** Codes and texts: Binance Spot API, "Error codes" and "HTTP return codes". */
const PROOFS: readonly [what: string, error: unknown, proof: string][] = [
  ['a filter that failed', answered(400, -1013, 'Filter failure: LOT_SIZE'), 'rejected'],
  [
    'too little balance',
    answered(400, -2010, 'Account has insufficient balance for requested action.'),
    'rejected',
  ],
  ['a stop that would trigger', answered(400, -2010, 'Stop price would trigger immediately.'), 'rejected'],
  ['an order that is not there to cancel', answered(400, -2011, 'Unknown order sent.'), 'rejected'],
  ['illegal characters', answered(400, -1100), 'rejected'],
  ['a missing parameter', answered(400, -1102), 'rejected'],
  ['a wrong signature', answered(400, -1022), 'rejected'],
  ['a wrong key', answered(401, -2015), 'rejected'],
  ['a closed market', answered(400, -1013, 'Market is closed.'), 'rejected'],
  ['a timestamp outside of its window', answered(400, -1021), 'untimely'],
  ['too many requests', answered(429, -1003), 'untimely'],
  ['a ban', answered(418, -1003), 'untimely'],
  ['too many orders', answered(400, -1015), 'untimely'],
  ['too many requests without a body', answered(429, null), 'untimely'],
  ['the id stands already', answered(400, -2010, 'Duplicate order sent.'), 'ambiguous'],
  ['an unknown error', answered(400, -1000), 'ambiguous'],
  ['a disconnect inside the venue', answered(400, -1001), 'ambiguous'],
  ['an unexpected response: execution status unknown', answered(400, -1006), 'ambiguous'],
  ['a time-out inside the venue: execution status unknown', answered(408, -1007), 'ambiguous'],
  ['an overloaded venue', answered(503, -1008), 'ambiguous'],
  ['a refusal with a server error', answered(500, -2010), 'ambiguous'],
  ['a gateway that failed', answered(502, null), 'ambiguous'],
  ['a 403 of something in between', answered(403, null), 'ambiguous'],
  ['a 404 of something in between', answered(404, null), 'ambiguous'],
  ['a positive code', answered(400, 200), 'ambiguous'],
  ['a time-out', new RequestTimeout('timed out'), 'ambiguous'],
  ['a cut connection', new NetworkError('socket hang up'), 'ambiguous'],
  ['a body that is no JSON', new SyntaxError('Unexpected token'), 'ambiguous'],
  ['something thrown that is no error', 'text', 'ambiguous'],
];

describe('what a failed request proves', () => {
  it.each(PROOFS)('%s: %3$s', (_what, error, proof) => {
    expect(proofOf(error)).toBe(proof);
  });

  it('never rejects, and names a refusal by a stable code', async () => {
    const answer = await requestAnswer(() => Promise.reject(answered(400, -2010, 'insufficient')));
    expect(answer).toEqual({
      kind: 'rejected',
      code: 'VENUE_2010',
      reason: 'HTTP 400, code -2010: insufficient',
    });
  });

  it('a closed market has its own code, alone and in the half of a replace', async () => {
    const closed = { code: -1013, msg: 'Market is closed.' };
    const plain = await requestAnswer(() => Promise.reject(answered(400, closed.code, closed.msg)));
    expect(plain).toMatchObject({ kind: 'rejected', code: 'MARKET_CLOSED' });
    const halves = {
      ...{ cancelResult: 'SUCCESS', newOrderResult: 'FAILURE' },
      ...{ cancelResponse: canceled, newOrderResponse: closed },
    };
    const half = await replaceAnswer(() => Promise.reject(answered(409, -2021, 'partially failed', halves)));
    expect(half).toMatchObject({ kind: 'place-failed', code: 'MARKET_CLOSED' });
    const filter = await requestAnswer(() =>
      Promise.reject(answered(400, -1013, 'Filter failure: LOT_SIZE')),
    );
    expect(filter).toMatchObject({ code: 'VENUE_1013' });
  });

  it('keeps keys and signatures out of what it says', async () => {
    const leak =
      'timed out: https://x/api?symbol=A&signature=0badc0de0badc0de&timestamp=1 X-MBX-APIKEY: abcdef123';
    const answer = await requestAnswer(() => Promise.reject(new RequestTimeout(leak)));
    expect(JSON.stringify(answer)).not.toMatch(/0badc0de|abcdef123/);
  });
});

const order = (over: object = {}) => ({
  ...{ symbol: 'BTCUSDT', orderId: 7, clientOrderId: 'new', status: 'NEW', type: 'STOP_LOSS', side: 'SELL' },
  ...{ origQty: '1.00000000', executedQty: '0.00000000', transactTime: 5 },
  ...over,
});
const canceled = order({ orderId: 6, clientOrderId: 'cancel', origClientOrderId: 'old', status: 'CANCELED' });
const fact = { symbol: 'BTCUSDT', side: 'sell', type: 'STOP_LOSS', quantity: '1', executed: '0', time: 5 };
const oldFact = { ...fact, clientOrderId: 'old', venueOrderId: '6', status: 'canceled' };
const newFact = { ...fact, clientOrderId: 'new', venueOrderId: '7', status: 'open' };
const refusal = { code: -2010, msg: 'Stop price would trigger immediately.' };

describe('the answer to a cancel-replace', () => {
  it.each<[string, () => Promise<unknown>, object]>([
    [
      'both halves done',
      async () => ({
        ...{ cancelResult: 'SUCCESS', newOrderResult: 'SUCCESS' },
        ...{ cancelResponse: canceled, newOrderResponse: order() },
      }),
      { kind: 'done', canceled: oldFact, order: newFact },
    ],
    [
      'the cancel failed, so nothing was placed (-2022)',
      () =>
        Promise.reject(
          answered(400, -2022, 'failed', {
            ...{ cancelResult: 'FAILURE', newOrderResult: 'NOT_ATTEMPTED' },
            ...{ cancelResponse: { code: -2011, msg: 'Unknown order sent.' }, newOrderResponse: null },
          }),
        ),
      { kind: 'cancel-failed', code: 'VENUE_2011' },
    ],
    [
      'canceled, and the new one refused (-2021)',
      () =>
        Promise.reject(
          answered(409, -2021, 'partially failed', {
            ...{ cancelResult: 'SUCCESS', newOrderResult: 'FAILURE' },
            ...{ cancelResponse: canceled, newOrderResponse: refusal },
          }),
        ),
      { kind: 'place-failed', canceled: oldFact, code: 'VENUE_2010', untimely: false },
    ],
    [
      'canceled, and the new one refused for the moment',
      () =>
        Promise.reject(
          answered(409, -2021, 'partially failed', {
            ...{ cancelResult: 'SUCCESS', newOrderResult: 'FAILURE' },
            ...{ cancelResponse: canceled, newOrderResponse: { code: -1015, msg: 'Too many new orders.' } },
          }),
        ),
      { kind: 'place-failed', untimely: true },
    ],
    [
      'halves that cannot be read',
      () => Promise.reject(answered(409, -2021, 'partially failed', { cancelResult: 'PERHAPS' })),
      { kind: 'ambiguous' },
    ],
    [
      'refused as a whole',
      () => Promise.reject(answered(400, -1013)),
      { kind: 'rejected', code: 'VENUE_1013' },
    ],
    ['an answer in another form', async () => ({ ok: true }), { kind: 'ambiguous' }],
    ['a time-out', () => Promise.reject(new RequestTimeout('late')), { kind: 'ambiguous' }],
  ])('%s', async (_what, send, expected) => {
    expect(await replaceAnswer(send)).toMatchObject(expected);
  });
});
