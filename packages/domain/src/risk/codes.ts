/**
 * The closed list of reasons for which the gate refuses (or shrinks), in the order of the checks. The code is
 * the metric's label, the row of the documentation and a required row of the tests.
 */
export interface RiskCode {
  readonly code: RiskCodeName;
  /** Place of the check in the gate. */
  readonly order: number;
  /** True when only orders that raise absolute exposure are judged by it. */
  readonly raisesOnly: boolean;
  readonly denies: string;
  /** What an operator does about it. */
  readonly action: string;
}

export const RISK_CODE_NAMES = [
  'DUPLICATE_PROPOSAL',
  'PROPOSAL_CONFLICT',
  'PROPOSAL_EXPIRED',
  'TRADING_HALTED',
  'TRADING_REDUCING',
  'SYMBOL_UNKNOWN',
  'SYMBOL_NOT_ALLOWED',
  'SYMBOL_FROZEN',
  'OUTSIDE_TRADING_WINDOW',
  'MARKET_DATA_STALE',
  'MARKET_DATA_IMPLAUSIBLE',
  'PRICE_PRECISION',
  'QUANTITY_PRECISION',
  'QUANTITY_BELOW_MINIMUM',
  'QUANTITY_ABOVE_MAXIMUM',
  'NOTIONAL_BELOW_MINIMUM',
  'ORDER_NOTIONAL_ABOVE_LIMIT',
  'POSITION_ABOVE_LIMIT',
  'BALANCE_INSUFFICIENT',
  'DAILY_LOSS_CAP',
  'DAILY_TARGET_LOCKED',
] as const;
export type RiskCodeName = (typeof RISK_CODE_NAMES)[number];

const row = (
  order: number,
  code: RiskCodeName,
  raisesOnly: boolean,
  denies: string,
  action: string,
): RiskCode => ({
  code,
  order,
  raisesOnly,
  denies,
  action,
});

export const RISK_CODES: readonly RiskCode[] = [
  row(
    1,
    'DUPLICATE_PROPOSAL',
    false,
    'As old as decisions that are no longer kept in memory: it may be one of them.',
    'None: the first answer stands.',
  ),
  row(
    1,
    'PROPOSAL_CONFLICT',
    false,
    'The id was used before with another payload.',
    'Look for two writers of proposals; the first one stands.',
  ),
  row(
    2,
    'PROPOSAL_EXPIRED',
    false,
    'Older than the time for which it is valid, or what it names did not arrive in time.',
    'Look at the lag of risk-manager and of its streams.',
  ),
  row(
    3,
    'TRADING_HALTED',
    false,
    'Trading is halted, or flattening and the order is no sell of that flatten.',
    'See /pnl/status for who halted and why; unhalt when it is settled.',
  ),
  row(
    4,
    'TRADING_REDUCING',
    false,
    'Only orders that bring a position down pass, never through zero.',
    'Wait for the next trading day or unhalt.',
  ),
  row(
    5,
    'SYMBOL_UNKNOWN',
    false,
    'No instrument is configured for the symbol.',
    'Add it to config/instruments.yaml.',
  ),
  row(
    5,
    'SYMBOL_NOT_ALLOWED',
    false,
    'The symbol is not on the allow list.',
    'Add it to allowedSymbols in config/risk.yaml.',
  ),
  row(
    5,
    'SYMBOL_FROZEN',
    false,
    'An UNKNOWN order, a parked event or a failed reconciliation is open on the symbol.',
    'Settle it: see the runbooks for UNKNOWN orders and reconciliation.',
  ),
  row(
    6,
    'OUTSIDE_TRADING_WINDOW',
    true,
    'Outside the configured windows or on a blackout date.',
    'See tradingWindows in config/risk.yaml.',
  ),
  row(
    7,
    'MARKET_DATA_STALE',
    false,
    'The last bar is missing or older than the limit.',
    'Look at market-analyst and the connection to the venue.',
  ),
  row(
    7,
    'MARKET_DATA_IMPLAUSIBLE',
    true,
    'The last bar does not pass the checks of reasonability.',
    'Compare the bar with another source; it clears with the next plausible one.',
  ),
  row(
    9,
    'PRICE_PRECISION',
    false,
    'The limit price is not on the tick.',
    'A proposer that does not round: a fault of the fleet, report it.',
  ),
  row(
    9,
    'QUANTITY_PRECISION',
    false,
    'The quantity is not on the lot.',
    'A proposer that does not round: a fault of the fleet, report it.',
  ),
  row(
    9,
    'QUANTITY_BELOW_MINIMUM',
    false,
    "Below the venue's smallest quantity.",
    'Raise the capital or the band, or leave it: the order is too small.',
  ),
  row(
    9,
    'QUANTITY_ABOVE_MAXIMUM',
    false,
    "Above the venue's largest quantity.",
    'Lower the limits of the position.',
  ),
  row(
    9,
    'NOTIONAL_BELOW_MINIMUM',
    false,
    "Below the venue's smallest order value.",
    'Raise the capital or the band, or leave it: the order is too small.',
  ),
  row(
    11,
    'ORDER_NOTIONAL_ABOVE_LIMIT',
    true,
    'The value of one order is above the limit, and nothing above the minimum is left.',
    'See orderNotionalMax in config/risk.yaml.',
  ),
  row(
    12,
    'POSITION_ABOVE_LIMIT',
    true,
    'Position, open orders and reservations together would pass the limit of the symbol.',
    'See positionNotionalMax and positionShareMax in config/risk.yaml.',
  ),
  row(
    15,
    'BALANCE_INSUFFICIENT',
    false,
    'The free balance after reservations and fees does not pay for it.',
    'Nothing, or add funds.',
  ),
  row(
    16,
    'DAILY_LOSS_CAP',
    true,
    "The day's loss is at the cap, or the order's worst case could pass it.",
    'Read the day in /pnl/status; a person unhalts when live.',
  ),
  row(
    18,
    'DAILY_TARGET_LOCKED',
    true,
    "The day's target was reached and the policy takes no new risk.",
    'It lifts with the next trading day.',
  ),
];
