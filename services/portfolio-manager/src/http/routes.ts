import type { ApiDescription } from '@fleet/shared/http';
import { identity } from '../identity.ts';
import type { PortfolioDeps } from './deps.ts';
import { getEquity } from './equity.ts';
import { getHoldings } from './holdings.ts';
import { getLedger } from './ledger.ts';
import { getPnl } from './pnl.ts';
import { postRebalance } from './rebalance.ts';

export const api: ApiDescription<PortfolioDeps> = {
  service: identity.name,
  title: 'Portfolio manager',
  description: identity.description,
  endpoints: [getHoldings, getEquity, getLedger, getPnl, postRebalance],
};
