import type { DashboardSpec, PanelSpec } from './model.ts';

type ByTitle = Readonly<Record<string, string>>;

/** Page of docs/runbooks for the topic of a panel that names none itself, by dashboard and title. */
const PAGES: Readonly<Record<string, ByTitle>> = {
  fleet: {
    Equity: 'daily-loss-near-cap',
    'Profit of the day': 'daily-loss-near-cap',
    Versions: 'service-down',
    Requests: 'service-down',
    'Time of an answer': 'event-loop-slow',
    CPU: 'host-cpu-saturated',
    Memory: 'service-memory-high',
    'Event loop delay': 'event-loop-slow',
    Starts: 'service-restarting',
    'Open files': 'file-descriptors-high',
    Notifications: 'notifications-undelivered',
    'Tool calls of AI clients': 'mcp-calls-unrecorded',
  },
  'fleet-trading': {
    Equity: 'daily-loss-near-cap',
    'Profit of the day': 'daily-loss-near-cap',
    'In percent': 'daily-loss-near-cap',
    'Equity in two books': 'ledger-differs-from-venue',
    'Approvals and denials': 'fail-closed-refusals',
    Signals: 'cycles-missing',
    'Proposals at work': 'cycle-stuck',
    'Orders ended': 'order-path-slow',
    Positions: 'position-unprotected',
    Cash: 'ledger-differs-from-venue',
  },
  'fleet-orders': {
    'Orders open': 'order-unknown',
    Cycle: 'cycle-stuck',
    'Authorised to accepted': 'order-path-slow',
    'Venue’s answer': 'order-path-slow',
    'Bar to signals': 'order-path-slow',
    'Batches of the order path': 'order-path-slow',
    'Ended by state': 'order-path-slow',
    'Sequence that is booked': 'stream-lag-high',
  },
  'fleet-risk': {
    'Gross exposure': 'position-unprotected',
    Reservations: 'order-unknown',
    'Exposure by symbol': 'position-unprotected',
    'Reservations and frozen symbols': 'order-unknown',
  },
  'fleet-streams': {
    'Leases held': 'consumer-dead',
    Unacknowledged: 'stream-pending-old',
    'Entries committed': 'stream-lag-high',
    'Time of a batch': 'stream-lag-high',
    Repetitions: 'retries-high',
    'Unpublished events': 'outbox-old',
  },
  'fleet-stores': {
    Connections: 'postgres-connections-high',
    'Size of the database': 'disk-fills-up',
    'Memory of Redis': 'redis-memory-high',
    'Last write of the append-only file': 'redis-persistence-failing',
    'Evicted keys': 'redis-evictions',
    'Connections by state': 'postgres-connections-high',
    Locks: 'postgres-long-transaction',
    'Deadlocks and growth': 'postgres-deadlocks',
    Commands: 'redis-down',
    Memory: 'redis-memory-high',
    Clients: 'redis-connections-rejected',
    Keys: 'redis-memory-high',
    'Refused connections': 'redis-connections-rejected',
  },
  'fleet-host': {
    CPU: 'host-cpu-saturated',
    Memory: 'host-memory-low',
    'Ended for want of memory': 'host-out-of-memory',
    'CPU by kind': 'host-cpu-saturated',
    Load: 'host-cpu-saturated',
    'Memory of the host': 'host-memory-low',
    'Requests at the edge': 'edge-refusals-burst',
    'Time at the edge': 'edge-down',
    'Services behind the edge': 'edge-errors',
    Series: 'series-grow-fast',
    Samples: 'series-grow-fast',
  },
  'fleet-logs': {
    'Lines by level': 'log-shipping-failing',
    'Lines by service': 'log-shipping-failing',
    'Answers with a fault': 'api-errors-burn-fast',
    'Who did what': 'access-refusals-burst',
  },
};

const NO_JUDGEMENT = 'a figure that no alert judges and that has no wrong value';
const ANY_TOPIC = 'lines of any topic: the page is that of the alert, code or order in them';

/** Panels whose topic has no page, and why. */
export const WITHOUT_PAGE: Readonly<Record<string, ByTitle>> = {
  fleet: { 'Studies open': NO_JUDGEMENT },
  'fleet-trading': {
    'Approvals by what shrank them': NO_JUDGEMENT,
    Fills: NO_JUDGEMENT,
    Turnover: NO_JUDGEMENT,
    'Profit by kind': NO_JUDGEMENT,
    Fees: NO_JUDGEMENT,
    Slippage: NO_JUDGEMENT,
  },
  'fleet-stores': {
    Transactions: NO_JUDGEMENT,
    'Reads from memory': NO_JUDGEMENT,
    'Rows written': NO_JUDGEMENT,
    'Time in commands': NO_JUDGEMENT,
  },
  'fleet-host': { Up: NO_JUDGEMENT, 'Disk traffic': NO_JUDGEMENT, Network: NO_JUDGEMENT },
  'fleet-logs': {
    'Errors by service': ANY_TOPIC,
    'Errors by code': ANY_TOPIC,
    'Lines that were cut': NO_JUDGEMENT,
    Lines: ANY_TOPIC,
    'Of one order': ANY_TOPIC,
  },
};

/** The page that a panel links to: its own, else that of its topic. */
export function runbookOf({ uid }: Pick<DashboardSpec, 'uid'>, panel: PanelSpec): string | undefined {
  return panel.runbook ?? PAGES[uid]?.[panel.title];
}

/** Titles for which something is said here, as `uid title`. */
export function titlesSaid(): readonly string[] {
  return [PAGES, WITHOUT_PAGE].flatMap((table) =>
    Object.entries(table).flatMap(([uid, titles]) => Object.keys(titles).map((title) => `${uid} ${title}`)),
  );
}
