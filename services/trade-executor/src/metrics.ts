import { isUnprotected } from '@fleet/domain/execution';
import { isTerminal } from '@fleet/domain/orders';
import type { Gauge, Metrics } from '@fleet/shared/telemetry';
import type { ExecutorState } from './book/state.ts';
import type { Noted, SessionMode, SessionObserver } from './session/leadership.ts';
import { VenueAnswerError } from './venue/errors.ts';

export interface Gauges {
  /** Null in a replica that stands by. */
  readonly state: () => ExecutorState | null;
  readonly mode: () => SessionMode | 'standby';
  readonly wall: () => number;
  /** Between two reconciliations; null where only connects and requests ask for one. */
  readonly reconcileMs: number | null;
}

const MODES = ['standby', 'connecting', 'recovering', 'unreconciled', 'trading'] as const;
/** Reasons for which an approved order is not sent: on any doubt. */
const REFUSALS = [
  'STATE_UNREADABLE',
  'STATE_EPOCH',
  'STATE_HALTED',
  'STATE_REDUCING',
  'APPROVAL_EXPIRED',
  'REQUEST_NOT_SENDABLE',
  'SIGNATURE_INVALID',
  'NOT_RECONCILED',
  'SYMBOL_UNKNOWN',
] as const;

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
  // What an answer can prove, from 0: the first of them is an increase.
  for (const kind of ['rejected', 'untimely', 'cancel-failed', 'place-failed', 'ambiguous'])
    errors.inc({ class: kind }, 0);
  stateGauges(metrics, gauges);
  sessionGauges(metrics, gauges);
  const { noted, clockAhead } = decisionMetrics(metrics);
  return {
    answered: ({ kind }, answer, seconds) => {
      submits.observe({ kind, answer: answer.kind }, seconds);
      if (answer.kind !== 'done') errors.inc({ class: answer.kind });
    },
    noted: (effect) => {
      if (effect.kind === 'ended') orders.inc({ state: effect.state, purpose: effect.purpose });
      else noted(effect);
    },
    clockAhead,
    failed: (error) => errors.inc({ class: classOf(error) }),
  };
}

/** What the decisions say of doubt: refusals, lost answers, differences; counted from 0, so that the first one counts. */
function decisionMetrics(metrics: Metrics) {
  const refusals = metrics.counter({
    name: 'order_refusals_total',
    help: 'Approved orders that were not sent, by the reason for doubt.',
    labelNames: ['code'],
  });
  for (const code of REFUSALS) refusals.inc({ code }, 0);
  const unknown = metrics.counter({
    name: 'orders_unknown_total',
    help: 'Requests after which nobody knew what became of their order.',
  });
  const accepted = metrics.histogram({
    name: 'order_authorised_to_accepted_seconds',
    help: "From taking the risk manager's approval to the venue's acceptance.",
  });
  const reconciliations = metrics.counter({
    name: 'reconciliations_total',
    help: 'Comparisons of the books with the venue, by result.',
    labelNames: ['result'],
  });
  for (const result of ['clean', 'different']) reconciliations.inc({ result }, 0);
  const differences = metrics.gauge({
    name: 'reconciliation_differences',
    help: 'Points in which the books and the venue differed at the last comparison.',
  });
  const skew = metrics.gauge({
    name: 'venue_clock_skew_seconds',
    help: "The venue's clock less this host's, at the last look.",
  });
  // Nothing before the first look: 0 would be a finding.
  skew.remove();
  return {
    clockAhead: (ms: number) => skew.set(ms / 1_000),
    noted: (effect: Exclude<Noted, { readonly kind: 'ended' }>) => {
      switch (effect.kind) {
        case 'refused':
          refusals.inc({ code: effect.code });
          return;
        case 'unknown':
          unknown.inc();
          return;
        case 'accepted':
          accepted.observe(effect.afterMs / 1_000);
          return;
        case 'reconciled':
          reconciliations.inc({ result: effect.differences === 0 ? 'clean' : 'different' });
          differences.set(effect.differences);
      }
    },
  };
}

function sessionGauges(metrics: Metrics, { mode, reconcileMs }: Gauges): void {
  metrics.gauge({
    name: 'venue_session_mode',
    help: '1 for what the session with the venue is at.',
    labelNames: ['mode'],
    collect: (gauge) => {
      const current = mode();
      for (const each of MODES) gauge.set({ mode: each }, each === current ? 1 : 0);
    },
  });
  metrics.gauge({
    name: 'user_data_connected',
    help: '1 while the user data stream is confirmed and recovered.',
    collect: (gauge) => gauge.set(mode() === 'trading' || mode() === 'unreconciled' ? 1 : 0),
  });
  if (reconcileMs === null) return;
  metrics
    .gauge({
      name: 'reconciliation_interval_seconds',
      help: 'Between two comparisons of the books with the venue.',
    })
    .set(reconcileMs / 1_000);
}

/** Seconds since the request whose answer was lost; what is owed to no request counts from nothing, so as 0. */
function oldestUnknown({ desk, intents }: ExecutorState, now: number): number {
  let age = 0;
  for (const { clientOrderId, state, timestamp } of intents.values()) {
    if (state === 'settled' || desk.orders.get(clientOrderId)?.state !== 'UNKNOWN') continue;
    age = Math.max(age, (now - timestamp) / 1_000);
  }
  return age;
}

function classOf(error: unknown): string {
  if (error instanceof VenueAnswerError) return 'answer';
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code.toLowerCase().replaceAll('_', '-') : 'other';
}

function stateGauges(metrics: Metrics, { state, wall }: Gauges): void {
  const count = (of: (current: ExecutorState) => number) => (gauge: Gauge) => {
    const current = state();
    // A replica that stands by knows nothing of the account: 0 would be a figure.
    if (current === null) gauge.remove();
    else gauge.set(of(current));
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
    name: 'order_unknown_age_seconds',
    help: 'Age of the oldest request after which nobody knows what became of its order; 0 without one.',
    collect: count((current) => oldestUnknown(current, wall())),
  });
}
