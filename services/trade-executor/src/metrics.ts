import { isUnprotected } from '@fleet/domain/execution';
import { isTerminal } from '@fleet/domain/orders';
import type { Metrics } from '@fleet/shared/telemetry';
import type { ExecutorState } from './book/state.ts';
import type { SessionObserver } from './session/leadership.ts';
import { VenueAnswerError } from './venue/errors.ts';

export interface Gauges {
  /** Null in a replica that stands by. */
  readonly state: () => ExecutorState | null;
  readonly connected: () => boolean;
  readonly wall: () => number;
}

const SUBMIT_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2];

export function executorMetrics(
  metrics: Metrics,
  gauges: Gauges,
): Omit<SessionObserver, 'failed'> & {
  failed(error: unknown): void;
} {
  const orders = metrics.counter({
    name: 'orders_total',
    help: 'Orders that have ended, by their last state and what they were for.',
    labelNames: ['state', 'purpose'],
  });
  const submits = metrics.histogram({
    name: 'order_submit_seconds',
    help: 'From a request to the venue to its answer, by request and by what the answer proves.',
    labelNames: ['kind', 'answer'],
    buckets: SUBMIT_BUCKETS_SECONDS,
  });
  const errors = metrics.counter({
    name: 'venue_errors_total',
    help: 'Failed requests and queries at the venue, by class.',
    labelNames: ['class'],
  });
  stateGauges(metrics, gauges);
  return {
    answered: ({ kind }, answer, seconds) => {
      submits.observe({ kind, answer: answer.kind }, seconds);
      if (answer.kind !== 'done') errors.inc({ class: answer.kind });
    },
    ended: (state, purpose) => orders.inc({ state, purpose }),
    failed: (error) => errors.inc({ class: classOf(error) }),
  };
}

function classOf(error: unknown): string {
  if (error instanceof VenueAnswerError) return 'answer';
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code.toLowerCase().replaceAll('_', '-') : 'other';
}

function stateGauges(metrics: Metrics, { state, connected, wall }: Gauges): void {
  const count = (of: (current: ExecutorState) => number) => (gauge: { set(value: number): void }) => {
    const current = state();
    if (current !== null) gauge.set(of(current));
  };
  metrics.gauge({
    name: 'unknown_orders',
    help: 'Orders of which nobody knows what became of them.',
    collect: count(
      ({ desk }) => [...desk.orders.values()].filter((order) => order.state === 'UNKNOWN').length,
    ),
  });
  metrics.gauge({
    name: 'open_orders',
    help: 'Orders that have not ended.',
    collect: count(
      ({ desk }) => [...desk.orders.values()].filter((order) => !isTerminal(order.state)).length,
    ),
  });
  metrics.gauge({
    name: 'unprotected_positions',
    help: 'Positions whose stop does not stand at the venue, also for the moment that a new one takes.',
    collect: count(({ desk }) => desk.symbols.filter(({ index }) => isUnprotected(desk, index)).length),
  });
  metrics.gauge({
    name: 'reconciliation_age_seconds',
    help: 'Since the books were last compared with the venue and were equal; -1 before the first time.',
    collect: count(({ reconciled }) => (reconciled?.clean ? (wall() - reconciled.at) / 1_000 : -1)),
  });
  metrics.gauge({
    name: 'user_data_connected',
    help: '1 while the user data stream is confirmed and recovered.',
    collect: (gauge) => gauge.set(connected() ? 1 : 0),
  });
}
