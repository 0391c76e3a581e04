import type { PortfolioState, WorkingOrder } from './state.ts';

/** Takes a symbol's closed bar into marks and volatility. Bars come in rising order; a repeated one changes nothing. */
export function observeBar(state: PortfolioState, index: number, openTime: number, close: number): void {
  if (openTime <= (state.barTimes[index] as number)) return;
  state.barTimes[index] = openTime;
  state.closes[index] = close;
  state.windows[index]?.push(close);
}

/** A proposal of the symbol is on its way: the symbol takes no other. */
export function startWorking(state: PortfolioState, proposalId: string, order: WorkingOrder): void {
  if (state.working.has(proposalId)) return;
  state.working.set(proposalId, order);
  state.workingBySymbol[order.index] = (state.workingBySymbol[order.index] as number) + 1;
}

/** The proposal was denied or its order has ended. */
export function stopWorking(state: PortfolioState, proposalId: string): void {
  const order = state.working.get(proposalId);
  if (order === undefined) return;
  state.working.delete(proposalId);
  state.workingBySymbol[order.index] = (state.workingBySymbol[order.index] as number) - 1;
}

/** True when a sell of the symbol is on its way. */
export function hasWorkingSell(state: PortfolioState, index: number): boolean {
  if (state.workingBySymbol[index] === 0) return false;
  for (const order of state.working.values()) if (order.index === index && order.side === 'sell') return true;
  return false;
}
