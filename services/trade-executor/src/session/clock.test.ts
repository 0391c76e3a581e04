import { generateKeyPairSync, sign } from 'node:crypto';
import { canonicalOrder } from '@fleet/domain/execution';
import { initialSupervision } from '@fleet/domain/supervision';
import { expect, it } from 'vitest';
import { MemoryRunner } from '../../test/memory-runner.ts';
import { ModelVenue } from '../../test/model-venue.ts';
import { approval, FROM, INSTRUMENTS, MINUTE, type Wish } from '../../test/script.ts';
import type { ExecutorScope } from '../book/state.ts';
import { fixedRiskKeys } from '../intake/risk-keys.ts';
import { createProcessor } from '../processor.ts';
import { VenueSession } from './session.ts';

const keys = generateKeyPairSync('ed25519');
const scope: ExecutorScope = {
  ...{ run: 'run', mode: 'lockstep', venue: 'model', instruments: INSTRUMENTS, intervalMs: MINUTE },
  recvWindowMs: 2_000,
};

/** A venue whose clock is not this host's. */
class OtherClock extends ModelVenue {
  ahead = 0;
  asked = 0;

  override async clockAhead(): Promise<number> {
    this.asked += 1;
    return this.ahead;
  }
}

const works = () => 'works' as const;
const risk = fixedRiskKeys(new Map([['risk-1', keys.publicKey]]), 'risk-1');

class Desk {
  readonly venue = new OtherClock({ call: works, query: works, message: works });
  readonly skews: number[] = [];
  readonly runner: MemoryRunner;
  readonly session: VenueSession;

  constructor(ahead: number) {
    this.venue.ahead = ahead;
    const query = (text: string, values: readonly unknown[]) => this.runner.tables.db.query(text, values);
    this.session = new VenueSession({
      ...{ scope, venue: this.venue, db: { query } as never },
      settings: { retryMs: 2, visibilityMs: 2, windowLeftMs: 8, resolveMs: 2, pollMs: 10, reconcileMs: null },
      readTradingState: async () => initialSupervision(0).trading,
      wall: () => Date.now(),
      logger: { info() {}, warn() {}, error() {}, debug() {} } as never,
      observer: { answered() {}, noted() {}, clockAhead: (ms) => this.skews.push(ms), failed() {} },
    });
    const processor = createProcessor({ scope, risk, session: this.session });
    this.runner = new MemoryRunner(processor, () => 'lives');
  }

  /** An order that risk has approved; its client order id. */
  authorise(): string {
    const wish: Wish = {
      ...{ symbol: 'BTCUSDT', side: 'buy', purpose: 'entry', quantity: '1', stopDistance: '2' },
    };
    const { openTime } = this.venue;
    const made = approval(wish, 0, { run: 'run', openTime, epoch: 1 });
    const order = { ...made, expiresAt: FROM + 1_000 * MINUTE };
    const signature = sign(null, Buffer.from(canonicalOrder(order)), keys.privateKey).toString('base64');
    const data = { order, referencePrice: '100', reason: 'test', barTime: openTime, signature };
    this.runner.authorise(order.proposalId, { ...data, keyId: 'risk-1' });
    return order.clientOrderId;
  }
}

const PATIENCE = { interval: 2, timeout: 10_000 };

it.each([
  ['behind', 60_000, /clock is -60000 ms from the venue's: correct it/],
  ['ahead of', -60_000, /clock is 60000 ms from the venue's: correct it/],
])('a minute %s the venue nothing is sent; corrected, what waits goes out once', async (_, ahead, words) => {
  const desk = new Desk(ahead);
  const { venue, session } = desk;
  try {
    await desk.runner.live();
    const id = desk.authorise();
    await expect.poll(() => venue.asked, PATIENCE).toBeGreaterThanOrEqual(5);
    expect(session.mode).not.toBe('trading');
    expect(session.current?.problem).toMatch(words);
    expect(desk.skews.at(-1)).toBe(ahead);
    expect(venue.placements.get(id)).toBeUndefined();

    venue.ahead = 0;
    await expect.poll(() => venue.placements.get(id), PATIENCE).toBe(1);
    expect(session.mode).toBe('trading');
  } finally {
    desk.runner.stop();
  }
});
