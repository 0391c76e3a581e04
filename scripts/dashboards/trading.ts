import { above, bars, dashboard, lines, NO_JUDGEMENT, query, stat, timeline } from './panels.ts';
import { TRADING_STATE } from './trading-state.ts';

const PROFIT = [
  [null, 'red'],
  [0, 'green'],
] as const;

export const trading = dashboard({
  uid: 'fleet-trading',
  title: 'Trading',
  description: 'Equity, profit of the day against its target and its cap, what was decided, filled and paid.',
  tags: ['fleet'],
  variables: 'none',
  from: 'now-24h',
  refresh: '30s',
  sections: [
    {
      title: 'The day',
      bands: [
        {
          height: 4,
          panels: [
            TRADING_STATE,
            stat(
              'Equity',
              'Cash and holdings at the last mark.',
              'suffix: USDT',
              'orchestrator',
              'max(equity)',
              { decimals: 2, steps: NO_JUDGEMENT },
            ),
            stat(
              'Profit of the day',
              'Since the opening of the trading day; deposits and withdrawals do not count.',
              'suffix: USDT',
              'orchestrator',
              'max(day_pnl)',
              { decimals: 2, steps: PROFIT },
            ),
            stat(
              'In percent',
              'Profit of the day in percent of its opening equity.',
              'percent',
              'orchestrator',
              'max(day_pnl_pct)',
              { decimals: 2, steps: PROFIT },
            ),
            stat(
              'To the target',
              'How far the day is from its profit lock, in percentage points. The target is a lock and not a forecast.',
              'percent',
              'orchestrator',
              'max(day_target_pct) - max(day_pnl_pct)',
              { decimals: 2, steps: NO_JUDGEMENT, runbook: 'daily-target-reached' },
            ),
            stat(
              'To the loss cap',
              'How far the day is from the cap that halts the fleet, in percentage points.',
              'percent',
              'orchestrator',
              'max(day_pnl_pct) + max(day_loss_cap_pct)',
              {
                decimals: 2,
                steps: [
                  [null, 'red'],
                  [0.25, 'orange'],
                  [1, 'green'],
                ],
                runbook: 'daily-loss-cap-reached',
              },
            ),
          ],
        },
        {
          height: 9,
          panels: [
            lines(
              'Equity in two books',
              'As the orchestrator marks it, and as the portfolio manager derives it from its ledger. Two lines that part are a difference in the books.',
              'suffix: USDT',
              'portfolio-manager',
              [query('max(equity)', 'marked'), query('max(portfolio_equity)', 'by the ledger')],
              { decimals: 2 },
            ),
            lines(
              'Profit of the day against target and cap',
              'At the upper line the profit is locked by policy; at the lower one the fleet halts until a person lifts it.',
              'percent',
              'orchestrator',
              [
                query('max(day_pnl_pct)', 'profit'),
                query('max(day_target_pct)', 'target'),
                query('-max(day_loss_cap_pct)', 'loss cap'),
              ],
              { decimals: 2, runbook: 'daily-loss-cap-reached' },
            ),
          ],
        },
      ],
    },
    {
      title: 'Decisions',
      bands: [
        {
          height: 8,
          panels: [
            bars(
              'Approvals and denials',
              'What the risk manager decided on proposals, in five minutes.',
              'none',
              'risk-manager',
              [query('sum by (outcome) (increase(risk_decisions_total[5m]))', '{{outcome}}')],
              { min: 0 },
            ),
            bars(
              'Denials by code',
              'The reason of each refusal, from the closed list of risk codes. Codes of doubt (stale data, unreadable state) are refusals by safety.',
              'none',
              'risk-manager',
              [query('sum by (code) (increase(risk_decisions_total{outcome="denied"}[5m]))', '{{code}}')],
              { min: 0, noValue: 'none denied', runbook: 'fail-closed-refusals' },
            ),
            bars(
              'Approvals by what shrank them',
              'The limit that made an approval smaller than the proposal, or none.',
              'none',
              'risk-manager',
              [query('sum by (code) (increase(risk_decisions_total{outcome="approved"}[5m]))', '{{code}}')],
              { min: 0 },
            ),
          ],
        },
        {
          height: 8,
          panels: [
            bars(
              'Signals',
              'Signals that the analyst published, in five minutes.',
              'none',
              'market-analyst',
              [query('sum by (symbol) (increase(signals_total[5m]))', '{{symbol}}')],
              { min: 0 },
            ),
            bars(
              'Decision cycles',
              'Cycles by outcome, in five minutes. A cycle that timed out misses something that the orchestrator names.',
              'none',
              'orchestrator',
              [query('sum by (outcome) (increase(cycles_total[5m]))', '{{outcome}}')],
              { min: 0, runbook: 'cycle-stuck' },
            ),
            lines(
              'Proposals at work',
              'Proposals that are neither denied nor ended.',
              'none',
              'portfolio-manager',
              'max(portfolio_working_proposals)',
              { min: 0 },
            ),
          ],
        },
      ],
    },
    {
      title: 'Fills and costs',
      bands: [
        {
          height: 8,
          panels: [
            bars(
              'Fills',
              'Fills by symbol and side, in five minutes.',
              'none',
              'trade-executor',
              [query('sum by (symbol, side) (increase(fills_total[5m]))', '{{symbol}} {{side}}')],
              { min: 0 },
            ),
            bars(
              'Turnover',
              'Quote currency that fills moved, in five minutes.',
              'suffix: USDT',
              'trade-executor',
              [query('sum by (symbol, side) (increase(fills_quote_total[5m]))', '{{symbol}} {{side}}')],
              { min: 0 },
            ),
            bars(
              'Orders ended',
              'Orders that ended, by their last state, in five minutes.',
              'none',
              'trade-executor',
              [query('sum by (state) (increase(orders_total[5m]))', '{{state}}')],
              { min: 0 },
            ),
          ],
        },
        {
          height: 8,
          panels: [
            lines(
              'Profit by kind',
              'Realised and unrealised profit since the run began; fees and slippage are beside it and not in it.',
              'suffix: USDT',
              'portfolio-manager',
              [
                query('max(portfolio_realised_pnl)', 'realised'),
                query('max(portfolio_unrealised_pnl)', 'unrealised'),
              ],
              { decimals: 2 },
            ),
            lines(
              'Fees',
              'Fees since the run began, at the quote currency’s value.',
              'suffix: USDT',
              'portfolio-manager',
              'max(portfolio_fees)',
              { decimals: 2 },
            ),
            lines(
              'Slippage',
              'Fill prices against the prices of the decisions since the run began; above nothing is a cost.',
              'suffix: USDT',
              'portfolio-manager',
              'max(portfolio_slippage)',
              { decimals: 2 },
            ),
          ],
        },
      ],
    },
    {
      title: 'Holdings and market',
      bands: [
        {
          height: 8,
          panels: [
            lines(
              'Positions',
              'Value of each position at the last close.',
              'suffix: USDT',
              'portfolio-manager',
              [query('max by (symbol) (portfolio_position_notional)', '{{symbol}}')],
              { decimals: 2, stacked: true },
            ),
            lines(
              'Cash',
              'Quote currency held, free and locked.',
              'suffix: USDT',
              'portfolio-manager',
              'max(portfolio_cash)',
              { decimals: 2 },
            ),
            timeline(
              'Market data',
              'Whether the bars of a symbol are fresh. On stale data nothing is approved.',
              'none',
              'market-analyst',
              [query('max by (symbol) (market_data_stale)', '{{symbol}}')],
              {
                words: { '0': ['fresh', 'green'], '1': ['stale', 'red'] },
                steps: [
                  [null, 'green'],
                  [1, 'red'],
                ],
                runbook: 'market-data-stale',
              },
            ),
            lines(
              'Age of the last bar',
              'Time since the last closed bar of a symbol was published.',
              's',
              'market-analyst',
              [query('time() - max by (symbol) (bar_last_published_timestamp_seconds)', '{{symbol}}')],
              { min: 0, steps: above(120, 300), runbook: 'market-data-stale' },
            ),
          ],
        },
      ],
    },
  ],
});
