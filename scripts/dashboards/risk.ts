import {
  above,
  bars,
  dashboard,
  lines,
  NO_JUDGEMENT,
  NONE_IS_WELL,
  query,
  stat,
  timeline,
} from './panels.ts';
import { TRADING_STATE } from './trading-state.ts';

export const risk = dashboard({
  uid: 'fleet-risk',
  title: 'Risk',
  description: 'What the fleet may lose, what it holds, and what it refuses.',
  tags: ['fleet'],
  variables: 'none',
  from: 'now-6h',
  refresh: '15s',
  sections: [
    {
      title: 'At a glance',
      bands: [
        {
          height: 4,
          panels: [
            TRADING_STATE,
            stat(
              'Reason of the state',
              'Why the trading state is what it is; after a loss-cap or breaker halt only a person moves it up.',
              'none',
              'orchestrator',
              [query('max by (reason) (trading_state_reason) == 1', '{{reason}}')],
              { steps: NO_JUDGEMENT, runbook: 'trading-halted' },
            ),
            stat(
              'Loss cap used',
              'Share of the day’s loss budget that is gone.',
              'percentunit',
              'risk-manager',
              'clamp_min(max(risk_day_loss) / max(risk_loss_cap), 0)',
              { decimals: 1, steps: above(0.5, 0.9), runbook: 'daily-loss-cap-reached' },
            ),
            stat(
              'Gross exposure',
              'Value of all positions and reservations against equity.',
              'percentunit',
              'risk-manager',
              'max(risk_gross_notional) / max(risk_equity)',
              { decimals: 1, steps: NO_JUDGEMENT },
            ),
            stat(
              'Reservations',
              'Approvals whose orders have neither filled nor ended.',
              'none',
              'risk-manager',
              'max(risk_reservations)',
              { steps: NO_JUDGEMENT },
            ),
            stat(
              'Frozen symbols',
              'Symbols on which nothing is approved: an order is unknown, or a key is parked.',
              'none',
              'risk-manager',
              'max(risk_frozen_symbols)',
              { steps: NONE_IS_WELL, runbook: 'order-unknown' },
            ),
            stat(
              'Symbols with stale data',
              'As the orchestrator sees it: on these nothing is approved.',
              'none',
              'market-analyst',
              'max(market_stale_symbols)',
              { steps: NONE_IS_WELL, runbook: 'market-data-stale' },
            ),
          ],
        },
      ],
    },
    {
      title: 'Loss and exposure',
      bands: [
        {
          height: 9,
          panels: [
            lines(
              'Loss of the day against its cap',
              'Below nothing is a profit. At the cap the fleet halts.',
              'suffix: USDT',
              'risk-manager',
              [query('max(risk_day_loss)', 'loss'), query('max(risk_loss_cap)', 'cap')],
              { decimals: 2, runbook: 'daily-loss-cap-reached' },
            ),
            lines(
              'Exposure by symbol',
              'Value of position and reservations, as risk counts it.',
              'suffix: USDT',
              'risk-manager',
              [query('max by (symbol) (risk_symbol_notional)', '{{symbol}}')],
              { decimals: 2, stacked: true },
            ),
            lines(
              'Equity in three books',
              'Orchestrator, portfolio and risk each keep it. Lines that part are a difference in the books.',
              'suffix: USDT',
              'risk-manager',
              [
                query('max(equity)', 'orchestrator'),
                query('max(portfolio_equity)', 'portfolio'),
                query('max(risk_equity)', 'risk'),
              ],
              { decimals: 2, runbook: 'ledger-differs-from-venue' },
            ),
          ],
        },
      ],
    },
    {
      title: 'Refusals',
      bands: [
        {
          height: 8,
          panels: [
            bars(
              'Denials by code',
              'Refusals of the risk manager in five minutes, by code.',
              'none',
              'risk-manager',
              [query('sum by (code) (increase(risk_decisions_total{outcome="denied"}[5m]))', '{{code}}')],
              { min: 0, noValue: 'none denied', runbook: 'fail-closed-refusals' },
            ),
            lines(
              'Refusals on doubt',
              'Refusals a second because something could not be established: no price, stale data, unreadable state.',
              'ops',
              'risk-manager',
              'sum(fleet:fail_closed_refusals:rate5m)',
              { min: 0, runbook: 'fail-closed-refusals' },
            ),
            lines(
              'Reservations and frozen symbols',
              'Approvals at work, and symbols on which nothing is approved.',
              'none',
              'risk-manager',
              [
                query('max(risk_reservations)', 'reservations'),
                query('max(risk_frozen_symbols)', 'frozen symbols'),
              ],
              { min: 0, decimals: 0 },
            ),
          ],
        },
      ],
    },
    {
      title: 'Trading state',
      bands: [
        {
          height: 8,
          panels: [
            timeline(
              'Mode',
              'Which mode held when; in none of them nobody led the orchestrator.',
              'none',
              'orchestrator',
              [query('max by (mode) (trading_state)', '{{mode}}')],
              { words: { '0': ['no', 'text'], '1': ['yes', 'blue'] }, runbook: 'trading-halted' },
            ),
            lines(
              'Epoch',
              'The epoch that the orchestrator decided and the one that the executor confirmed. A gap is a halt that is not confirmed.',
              'none',
              'orchestrator',
              [
                query('max(trading_state_epoch)', 'decided'),
                query('max(trading_state_applied_epoch)', 'confirmed by the executor'),
              ],
              { decimals: 0, runbook: 'trading-halted' },
            ),
            bars(
              'Halts',
              'Halts by reason, in an hour.',
              'none',
              'orchestrator',
              [query('sum by (reason) (increase(halts_total[1h]))', '{{reason}}')],
              { min: 0, noValue: 'none', runbook: 'trading-halted' },
            ),
            stat(
              'Day',
              'Whether the target or the cap of the day was reached.',
              'none',
              'orchestrator',
              [query('max(day_target_reached) + 2 * max(day_loss_cap_reached)', 'day')],
              {
                words: {
                  '0': ['open', 'green'],
                  '1': ['target reached', 'blue'],
                  '2': ['loss cap reached', 'red'],
                  '3': ['both', 'red'],
                },
                runbook: 'daily-loss-cap-reached',
              },
            ),
            stat(
              'Reconciliation',
              'Whether a difference between books and venue holds the fleet in REDUCING.',
              'none',
              'trade-executor',
              'max(reconciliation_failed)',
              {
                words: { '0': ['clean', 'green'], '1': ['differs', 'red'] },
                runbook: 'ledger-differs-from-venue',
              },
            ),
          ],
        },
      ],
    },
  ],
});
