import { stat } from './panels.ts';

export const TRADING_STATE = stat(
  'Trading state',
  'ACTIVE takes all orders, REDUCING only those that bring positions down, HALTED none; protective stops stand in each. Unknown: nobody leads the orchestrator, and the executor refuses by itself.',
  'none',
  'orchestrator',
  [
    {
      expr: 'max(trading_state{mode="ACTIVE"}) + 2 * max(trading_state{mode="REDUCING"}) + 3 * max(trading_state{mode="HALTED"})',
      legend: 'state',
    },
  ],
  {
    words: { '1': ['ACTIVE', 'green'], '2': ['REDUCING', 'orange'], '3': ['HALTED', 'red'] },
    noValue: 'unknown',
    runbook: 'trading-halted',
  },
);
