import { eventId } from '@fleet/domain/events';
import { type Decimal, decimal, text, ZERO } from '@fleet/domain/money';
import { alarm, speak } from '../book/speak.ts';
import { advanceMarket, type ExecutorState, marketTime } from '../book/state.ts';
import type { Turn } from '../book/turn.ts';
import { bookOrder } from '../reports/book-order.ts';
import { addBalance, addHolding } from '../reports/book-trade.ts';
import { type Difference, differencesOf, frozenBy, isOutdated, totalsOf, type VenueView } from './compare.ts';

export const RECONCILIATION_CAUSES = ['start', 'connect', 'timer', 'request'] as const;
export type ReconciliationCause = (typeof RECONCILIATION_CAUSES)[number];

export interface Reconcile {
  readonly cause: ReconciliationCause;
  readonly view: VenueView;
  /** Differences of balances are taken over as deposits and withdrawals: a person has explained them. */
  readonly acceptBalances: boolean;
  /** Without it differences are not recorded yet: a message on its way may explain them. */
  readonly insist: boolean;
}

/** `null`: the books moved meanwhile or a message may be on its way; the venue has to be read again. */
export type ReconcileResult = {
  readonly clean: boolean;
  readonly differences: readonly Difference[];
  readonly frozenSymbols: readonly string[];
} | null;

const DIFFERENCES_TOLD_MAX = 50;

/** Compares the books with the venue and says what it found. The first time in a run, the venue opens the books. */
export function reconcile(turn: Turn, { cause, view, acceptBalances, insist }: Reconcile): ReconcileResult {
  const { state } = turn;
  if (isOutdated(state, view)) return null;
  if (state.scope.mode !== 'live') advanceMarket(state, view.time);
  const opening = !state.account.opened;
  if (opening) openBooks(state, view);
  if (acceptBalances) takeOverBalances(turn, view);
  for (const fact of view.openOrders)
    if (!state.desk.orders.has(fact.clientOrderId)) bookOrder(turn, { fact, stored: null });
  const differences = differencesOf(state, view).slice(0, DIFFERENCES_TOLD_MAX);
  if (differences.length > 0 && !insist) return null;
  const frozenSymbols = frozenBy(state, differences);
  if (opening || cause === 'start' || cause === 'connect') speakSnapshot(turn, view);
  record(turn, cause, differences, frozenSymbols);
  return { clean: differences.length === 0, differences, frozenSymbols };
}

function openBooks(state: ExecutorState, view: VenueView): void {
  const { account, desk, trades } = state;
  for (const [asset, total] of totalsOf(view.balances)) account.balances.set(asset, total);
  for (const symbol of desk.symbols)
    symbol.held = account.balances.get(symbol.instrument.base) ?? symbol.held;
  // What was traded before is in the balances already.
  for (const [symbol, id] of Object.entries(view.newestTradeIds))
    trades.set(symbol, { confirmed: id, last: id, booked: new Set() });
  account.opened = true;
}

function takeOverBalances(turn: Turn, view: VenueView): void {
  const { account } = turn.state;
  const venue = totalsOf(view.balances);
  for (const asset of new Set([...venue.keys(), ...account.balances.keys()])) {
    const amount = (venue.get(asset) ?? ZERO).sub(account.balances.get(asset) ?? ZERO);
    if (!amount.isZero()) moveCash(turn, { asset, amount, reason: 'taken over from the venue by a person' });
  }
}

export function moveCash(
  turn: Turn,
  {
    asset,
    amount,
    reason,
    id,
    time,
  }: { asset: string; amount: Decimal; reason: string; id?: string; time?: number },
): void {
  addBalance(turn.state, asset, amount);
  addHolding(turn.state, asset, amount);
  const at = Math.max(0, time ?? marketTime(turn.state, turn.now));
  speak(
    turn,
    'cash.moved',
    { asset, amount: text(amount), time: at, reason },
    id === undefined ? {} : { id: eventId(turn.state.scope.run, 'cash.moved', id) },
  );
}

function speakSnapshot(turn: Turn, view: VenueView): void {
  const { instruments } = turn.state.scope;
  const traded = new Set(instruments.flatMap(({ base, quote }) => [base, quote]));
  const balances = Object.entries(view.balances)
    .filter(([asset, { free, locked }]) => traded.has(asset) || Number(free) > 0 || Number(locked) > 0)
    .map(([asset, { free, locked }]) => [
      asset,
      { free: text(decimal(free)), locked: text(decimal(locked)) },
    ]);
  const time = Math.max(0, marketTime(turn.state, turn.now));
  speak(turn, 'account.snapshot', { balances: Object.fromEntries(balances), time });
}

function record(
  turn: Turn,
  cause: ReconciliationCause,
  differences: readonly Difference[],
  frozenSymbols: readonly string[],
): void {
  const { state } = turn;
  const clean = differences.length === 0;
  const time = Math.max(0, marketTime(state, turn.now));
  const sequence = speak(turn, 'reconciliation.completed', { clean, differences, frozenSymbols, time });
  turn.effects.push({ kind: 'reconciled', differences: differences.length });
  state.reconciled = { sequence, clean, frozenSymbols, at: turn.now };
  state.appended.push({
    table: 'reconciliations',
    row: { run: state.scope.run, sequence, time, cause, clean, differences, frozen_symbols: frozenSymbols },
  });
  if (clean) return;
  const listed = differences.map(
    ({ kind, subject, ours, venue }) => `${kind} ${subject}: ours ${ours}, venue ${venue}`,
  );
  alarm(turn, {
    code: 'RECONCILIATION_FAILED',
    severity: 'critical',
    about: listed.join(';'),
    title: `The books differ from the venue in ${differences.length} points`,
    text: `${listed.join('\n')}\nFind the cause; POST /admin/trade/reconcile compares again, and with acceptBalances takes over what a deposit or withdrawal explains.`,
    figures: { differences: differences.length, frozenSymbols: frozenSymbols.join(',').slice(0, 200) },
  });
}
