import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { readTradingConfiguration, type TradingConfiguration } from '@fleet/domain/configuration';
import type { AuthorisedOrder, OrderProposed } from '@fleet/domain/events';
import { proposalId } from '@fleet/domain/orders';
import { loadYaml } from '@fleet/shared/config';
import type { NewEvent } from '@fleet/shared/streams';
import {
  accountEvents,
  deciding,
  eventFactory,
  type Fed,
  type FillOf,
  MINUTE,
  START,
} from '@fleet/testkit/account-events';
import { createOrderCheck } from '../src/order-check/processor.ts';
import { createSigner } from '../src/signing/signer.ts';

export const RUN = 'risk-test';
export const CONFIG = join(import.meta.dirname, '../../../config');
export const KEYS = generateKeyPairSync('ed25519', {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** The repository's own configuration: BTCUSDT and ETHUSDT on minutes, orders up to 5,000. */
export const configuration: TradingConfiguration = readTradingConfiguration(
  (file, schema) => loadYaml(join(CONFIG, file), schema),
  { replay: true },
);

const fed = eventFactory(RUN);
const events = accountEvents(fed);
export const { bar, tradingState, dayOpened, snapshot, reconciled, cashMoved, ended, unknown, resolved } =
  events;

/** The report names the stop that the order was authorised with. */
export function fill(sequence: number, order: AuthorisedOrder, of: FillOf): Fed {
  return events.fill(sequence, order, { ...of, stopDistance: order.stopDistance });
}

const processor = createOrderCheck(configuration, {
  signer: createSigner(KEYS.privateKey),
  market: (state) => state.market,
  decided: () => undefined,
});

export const { decide, feed } = deciding(processor);

export function proposal(changes: Partial<OrderProposed> = {}, name?: string): Fed {
  const data: Omit<OrderProposed, 'proposalId'> = {
    ...{ cycleId: `1m:${START}`, symbol: 'BTCUSDT', side: 'buy', type: 'market', quantity: '10' },
    ...{ limitPrice: null, referencePrice: '100', stopDistance: '5', purpose: 'entry', sequence: 0 },
    ...{ confidence: 1, reason: 'test', flattenId: null, barTime: START, day: '2024-08-05' },
    ...{ ledgerVersion: 1, stateEpoch: 1, decidedAt: START + MINUTE, validForMs: 60_000 },
    ...changes,
  };
  const { cycleId: cycle, symbol, purpose, sequence } = data;
  const id = proposalId({ run: RUN, cycle, symbol, purpose, sequence });
  return fed('order.proposed', { proposalId: id, ...data }, name);
}

/** The order that an answer authorises. */
export function authorised(events: readonly NewEvent[]): AuthorisedOrder {
  const found = events.find(({ type }) => type === 'order.authorised');
  if (found === undefined) throw new Error(`not authorised: ${JSON.stringify(events)}`);
  return (found.data as { order: AuthorisedOrder }).order;
}

/** `code quantity`, as a reader of the answers sees them. */
export function answers(events: readonly NewEvent[]): string[] {
  return events.map(({ type, data }) => {
    const { code, quantity } = data as { code?: string; quantity?: string };
    return [type, code ?? quantity].filter((part) => part !== undefined).join(' ');
  });
}
