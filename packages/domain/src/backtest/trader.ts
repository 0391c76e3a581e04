import type { Bar } from '../bars/index.ts';
import type { TradingConfiguration } from '../configuration/index.ts';
import { localTimeOf, type TradingDays, tradingDays } from '../day/index.ts';
import { type DeskEvent, deskOrderOf } from '../execution/index.ts';
import type { SimulatedVenue } from '../matching/index.ts';
import { decimal } from '../money/index.ts';
import { clientOrderId, cycleId, proposalId } from '../orders/index.ts';
import {
  applyFill,
  costOfOpening,
  emptyPortfolio,
  equityMark,
  exactEquity,
  flattenOrders,
  isHolding,
  observeBar,
  type PlannedOrder,
  type PlanSignal,
  type PortfolioState,
  planCycle,
  setBalance,
  startWorking,
  stopWorking,
} from '../portfolio/index.ts';
import {
  applyRiskFill,
  applyTradingState,
  emptyRiskState,
  judge,
  observeRiskBar,
  openRiskDay,
  type Proposal,
  type RiskState,
  record,
  releaseReservation,
  setRiskBalance,
} from '../risk/index.ts';
import {
  decideOnMark,
  initialSupervision,
  type Mark,
  rollDay,
  type SupervisionOutcome,
  type SupervisionState,
} from '../supervision/index.ts';
import { CloseMark } from './close-mark.ts';
import type { Recorder } from './recorder.ts';
import { VenueDesk } from './venue-desk.ts';

export interface TraderSetup {
  readonly configuration: TradingConfiguration;
  readonly venue: SimulatedVenue;
  readonly run: string;
  readonly recorder: Recorder;
  /** With it each mark carries its exact equity; without, the number's text. */
  readonly exact: boolean;
  readonly startTime: number;
}

/**
 * Portfolio, risk, desk and supervision around one simulated venue, composed as the services compose them: the same
 * functions in the same order, without the wire between. One instance is one run.
 */
export class Trader {
  readonly portfolio: PortfolioState;
  readonly risk: RiskState;
  readonly supervision: SupervisionState;
  readonly #desk: VenueDesk;
  readonly #venue: SimulatedVenue;
  readonly #configuration: TradingConfiguration;
  readonly #recorder: Recorder;
  readonly #run: string;
  readonly #exact: boolean;
  readonly #days: TradingDays;
  readonly #interval: string;
  readonly #localTime;
  #market = 0;

  constructor(setup: TraderSetup) {
    const { configuration } = setup;
    const { instruments } = configuration;
    this.#configuration = configuration;
    this.#venue = setup.venue;
    this.#recorder = setup.recorder;
    this.#run = setup.run;
    this.#exact = setup.exact;
    this.#days = tradingDays(configuration.day);
    this.#interval = configuration.interval;
    this.#localTime = localTimeOf(configuration.day);
    this.portfolio = emptyPortfolio({
      instruments,
      rules: configuration.portfolio,
      barsPerYear: configuration.barsPerYear,
    });
    this.risk = emptyRiskState({
      limits: configuration.risk,
      instruments,
      intervalMs: configuration.intervalMs,
      lossCapPct: configuration.day.lossCapPct,
    });
    this.supervision = initialSupervision(setup.startTime);
    this.#desk = new VenueDesk({
      run: setup.run,
      instruments,
      venue: setup.venue,
      trading: () => this.supervision.trading,
      take: (event) => this.#take(event),
    });
    this.portfolio.trading = this.supervision.trading;
    applyTradingState(this.risk, this.supervision.trading);
    this.#openAccount();
  }

  #openAccount(): void {
    for (const [asset, { free, locked }] of Object.entries(this.#venue.balances())) {
      const amount = decimal(free).add(locked);
      setBalance(this.portfolio, asset, amount);
      setRiskBalance(this.risk, asset, amount);
    }
  }

  /** Steps 1 and 2 of a bar set: what rests at the venue fills; stops follow their entries. */
  openAndPath(bars: readonly Bar[]): void {
    if (this.#venue.couldMatchOpen(bars)) this.#desk.book(this.#venue.open(bars));
    if (this.#venue.couldMatchPath(bars))
      this.#desk.book(this.#venue.path(bars, this.#configuration.intervalMs));
  }

  /** Step 3: marks, day, signals to orders, then the decision on the mark. `signals` by symbol in configured order. */
  close(
    openTime: number,
    bars: readonly (Bar | null)[],
    present: readonly Bar[],
    signals: readonly (PlanSignal | null)[],
  ): number {
    this.#market = openTime + this.#configuration.intervalMs;
    this.#desk.time = this.#market;
    this.#venue.close(present);
    if (this.supervision.lastMark === null) this.#openingMark(openTime, bars);
    const day = this.#days.dayOf(openTime);
    if (this.portfolio.day !== day)
      this.#apply(rollDay(this.supervision, this.#configuration.day, day, openTime));
    for (let index = 0; index < bars.length; index += 1) {
      const bar = bars[index];
      if (bar === null || bar === undefined) continue;
      observeBar(this.portfolio, index, openTime, bar.close);
      observeRiskBar(this.risk, index, bar);
    }
    const mark = this.#mark(openTime);
    const planned = planCycle(this.portfolio, signals);
    if (planned.length > 0)
      this.#propose(planned, mark.cycleId, mark.cycleId, openTime, this.#flattenIdNow());
    this.#apply(decideOnMark(this.supervision, this.#configuration.day, mark, this.#market));
    return mark.equityMark;
  }

  /** Ends the run: orders still open expire, and the venue takes no order any more. */
  finish(time: number): void {
    this.#desk.book(this.#venue.expireAll(time));
  }

  #flattenIdNow(): string | null {
    const { trading } = this.portfolio;
    return trading?.reason === 'FLATTENING' ? trading.flattenId : null;
  }

  #openingMark(openTime: number, bars: readonly (Bar | null)[]): void {
    const opens = Float64Array.from(bars, (bar) => bar?.open ?? 0);
    const { cash, quantities } = this.portfolio;
    costOfOpening(this.portfolio, opens);
    this.supervision.lastMark = {
      cycleId: cycleId(this.#interval, openTime),
      openTime,
      equity: exactEquity(this.portfolio, opens),
      equityMark: equityMark(cash, quantities, opens),
      holding: false,
    };
  }

  #mark(openTime: number): Mark {
    const { cash, quantities, closes, instruments } = this.portfolio;
    const value = equityMark(cash, quantities, closes);
    let holding = false;
    for (let index = 0; index < instruments.length; index += 1)
      holding = holding || isHolding(this.portfolio, index);
    return new CloseMark(this.#interval, openTime, {
      equityMark: value,
      holding,
      exact: this.#exact ? exactEquity(this.portfolio, closes) : null,
    });
  }

  #propose(
    planned: readonly PlannedOrder[],
    idCycle: string,
    cycle: string,
    openTime: number,
    flattenId: string | null,
  ): void {
    const proposals = planned.map((order, sequence) =>
      this.#proposal(order, idCycle, openTime, sequence, flattenId),
    );
    for (const [sequence, proposal] of proposals.entries()) {
      const index = this.portfolio.indexOf.get(proposal.symbol) as number;
      const { proposalId: id, side } = proposal;
      startWorking(this.portfolio, id, { index, side, quantity: Number(proposal.quantity) });
      this.#decide(proposal, planned[sequence] as PlannedOrder, cycle, sequence);
    }
    this.#desk.pump();
  }

  #proposal(
    order: PlannedOrder,
    idCycle: string,
    openTime: number,
    sequence: number,
    flattenId: string | null,
  ): Proposal {
    const identity = {
      run: this.#run,
      cycle: idCycle,
      symbol: order.symbol,
      purpose: order.purpose,
      sequence,
    };
    return {
      ...order,
      proposalId: proposalId(identity),
      type: 'market',
      limitPrice: null,
      flattenId: order.purpose === 'flatten' ? flattenId : null,
      barTime: openTime,
      day: this.portfolio.day ?? '',
      decidedAt: this.#market,
      validForMs: this.#configuration.portfolio.validForMs,
    };
  }

  #decide(proposal: Proposal, order: PlannedOrder, cycle: string, sequence: number): void {
    const verdict = judge(this.risk, proposal, {
      market: this.#market,
      joinExpired: false,
      localTime: this.#localTime,
    });
    record(this.risk, proposal, verdict);
    if (verdict.kind === 'denied') {
      stopWorking(this.portfolio, proposal.proposalId);
      const { symbol, purpose } = proposal;
      this.#recorder.denials.push({ cycleId: cycle, symbol, purpose, sequence, code: verdict.code });
      return;
    }
    this.#desk.authorise(
      deskOrderOf(
        {
          ...proposal,
          run: this.#run,
          clientOrderId: clientOrderId(proposal.proposalId),
          cycleId: cycle,
          sequence,
          quantity: verdict.quantity,
          stateEpoch: this.supervision.trading.epoch,
          expiresAt: this.#market + this.#configuration.risk.approvalValidForMs,
        },
        { referencePrice: proposal.referencePrice, reason: order.reason },
      ),
    );
  }

  /** The state before the day, as the orchestrator says them; the cancels and the flatten of the same mark after. */
  #apply(outcome: SupervisionOutcome): void {
    const { dayOpened, stateChanged, cancelAll, flatten } = outcome;
    if (stateChanged !== null) {
      this.portfolio.trading = stateChanged;
      applyTradingState(this.risk, stateChanged);
    }
    if (dayOpened !== null) {
      this.portfolio.day = dayOpened.day;
      openRiskDay(this.risk, dayOpened.day, dayOpened.openingEquityMark);
    }
    if (cancelAll !== null) this.#desk.cancelEntries();
    if (flatten !== null) {
      const orders = flattenOrders(this.portfolio, 'flatten');
      const openTime = this.#market - this.#configuration.intervalMs;
      if (orders.length > 0)
        this.#propose(orders, flatten.flattenId, flatten.flattenId, openTime, flatten.flattenId);
    }
  }

  /** What `exec.status` does to portfolio and risk. */
  #take(event: DeskEvent): void {
    const { order } = event;
    if (event.kind === 'filled') this.#takeFill(event);
    if (event.kind === 'ended' || (event.kind === 'filled' && event.complete)) {
      stopWorking(this.portfolio, order.proposalId);
      releaseReservation(this.risk, order.proposalId);
    }
    const index = this.portfolio.indexOf.get(order.symbol) as number;
    this.#recorder.event(event, !isHolding(this.portfolio, index));
  }

  #takeFill({ order, trade }: Extract<DeskEvent, { kind: 'filled' }>): void {
    const { symbol, side, purpose, referencePrice, proposalId: id } = order;
    applyFill(this.portfolio, { ...trade, symbol, side, purpose, referencePrice });
    const { quantity, quoteQuantity, fee, feeAsset } = trade;
    applyRiskFill(
      this.risk,
      { proposalId: id, symbol, side, purpose, quantity, quoteQuantity, fee, feeAsset },
      this.#desk.trigger(symbol),
    );
  }
}
