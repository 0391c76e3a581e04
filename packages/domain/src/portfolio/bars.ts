import type { PortfolioState } from './state.ts';

/** Takes a symbol's closed bar into marks and volatility. Bars come in rising order; a repeated one changes nothing. */
export function observeBar(state: PortfolioState, index: number, openTime: number, close: number): void {
  if (openTime <= (state.barTimes[index] as number)) return;
  state.barTimes[index] = openTime;
  state.closes[index] = close;
  state.windows[index]?.push(close);
}

/** A proposal of the symbol is on its way: the symbol takes no other. */
export function startWorking(state: PortfolioState, proposalId: string, index: number): void {
  if (state.working.has(proposalId)) return;
  state.working.set(proposalId, index);
  state.workingBySymbol[index] = (state.workingBySymbol[index] as number) + 1;
}

/** The proposal was denied or its order has ended. */
export function stopWorking(state: PortfolioState, proposalId: string): void {
  const index = state.working.get(proposalId);
  if (index === undefined) return;
  state.working.delete(proposalId);
  state.workingBySymbol[index] = (state.workingBySymbol[index] as number) - 1;
}
