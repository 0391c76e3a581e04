import { describe, expect, it } from 'vitest';
import { type StepView, waitsFor } from './quiet.ts';

const executor = {
  execSequence: 7,
  lastTradeIds: { BTCUSDT: 3 },
  openOrders: ['stop-1'],
  openIntents: 0,
  owed: 0,
  inFlight: 0,
  stateEpoch: 4,
};
const quiet: StepView = {
  venue: {
    balances: {},
    openOrders: [{ clientOrderId: 'stop-1' }],
    lastTradeIds: { BTCUSDT: 3, ETHUSDT: 0 },
  },
  executor,
  portfolio: { execSequence: 7, stateEpoch: 4 },
  risk: { execSequence: 7, stateEpoch: 4 },
  cycle: { status: 'settled', settled: true, waitingFor: [], stateEpoch: 4 },
};

describe('quiet', () => {
  it('is when everybody has done and booked everything', () => {
    expect(waitsFor(quiet)).toEqual([]);
  });

  it('asks for no cycle where the step opened none', () => {
    const before = { execSequence: 7, stateEpoch: 1 };
    expect(waitsFor({ ...quiet, cycle: undefined, portfolio: before, risk: before })).toEqual([]);
  });

  it.each<[string, Partial<StepView>, string]>([
    ['a cycle nobody knows', { cycle: null }, 'orchestrator: does not know the cycle yet'],
    [
      'a cycle that is not settled',
      { cycle: { status: 'planned', settled: false, waitingFor: ['order abc'], stateEpoch: null } },
      'orchestrator: the cycle is planned, waiting for order abc',
    ],
    ['a venue that is away', { venue: null }, 'simulator: does not answer'],
    ['an executor that is away', { executor: null }, 'trade-executor: does not answer'],
    ['a portfolio that is away', { portfolio: null }, 'portfolio-manager: does not answer'],
    ['a risk manager that is away', { risk: null }, 'risk-manager: does not answer'],
    [
      'a trade not learnt',
      { executor: { ...executor, lastTradeIds: { BTCUSDT: 2 } } },
      'trade-executor: knows BTCUSDT trades up to 2, the venue has 3',
    ],
    [
      'an order not placed yet',
      { executor: { ...executor, openOrders: ['stop-1', 'entry-2'] } },
      "trade-executor: open orders differ from the venue's: entry-2",
    ],
    [
      'an order whose end is not learnt',
      { executor: { ...executor, openOrders: [] } },
      "trade-executor: open orders differ from the venue's: stop-1",
    ],
    ['an open intent', { executor: { ...executor, openIntents: 1 } }, 'trade-executor: 1 open intents'],
    ['an owed stop', { executor: { ...executor, owed: 2 } }, 'trade-executor: 2 stops or cancels owed'],
    [
      'a request in flight',
      { executor: { ...executor, inFlight: 1 } },
      'trade-executor: 1 requests in flight',
    ],
    [
      'an executor of an older epoch',
      { executor: { ...executor, stateEpoch: 3 } },
      'trade-executor: has applied the trading state of epoch 3 of 4',
    ],
    [
      'a portfolio that has not booked',
      { portfolio: { execSequence: 6, stateEpoch: 4 } },
      'portfolio-manager: has booked exec.status up to 6 of 7',
    ],
    [
      'a risk manager of an older epoch',
      { risk: { execSequence: 7, stateEpoch: 2 } },
      'risk-manager: has applied the trading state of epoch 2 of 4',
    ],
  ])('is not with %s', (_, change, words) => {
    expect(waitsFor({ ...quiet, ...change })).toEqual([words]);
  });
});
