import type { BarText } from '@fleet/domain/bars';
import {
  createSynthetic,
  nextSynthetic,
  type SyntheticMarket,
  type SyntheticOptions,
  type SyntheticState,
  syntheticMarket,
} from '@fleet/domain/candles';
import type { BarSeries } from './bar-series.ts';

/** Slots kept for the klines of REST (weeks of minutes); what is older is no longer served. */
const KEPT_SLOTS_MAX = 60_000;
const DROPPED_SLOTS = 20_000;

/** A made-up market, drawn as far as it is asked for: it ends only where the reader stops. */
export function syntheticSeries(options: Omit<SyntheticOptions, 'bars'>): BarSeries {
  return new SyntheticSeries({ ...options, bars: 0 });
}

class SyntheticSeries implements BarSeries {
  readonly symbol: string;
  private readonly market: SyntheticMarket;
  private readonly state: SyntheticState;
  private kept: (BarText | null)[] = [];
  private firstSlot = 0;

  constructor(options: SyntheticOptions) {
    this.symbol = options.symbol;
    this.market = syntheticMarket(options);
    this.state = createSynthetic(options);
  }

  at(openTime: number): BarText | null {
    const slot = this.slotFrom(openTime);
    if (this.market.from + slot * this.market.intervalMs !== openTime) return null;
    this.drawTo(slot);
    return this.kept[slot - this.firstSlot] ?? null;
  }

  firstFrom(time: number): number | null {
    for (let slot = this.slotFrom(time); ; slot += 1) {
      this.drawTo(slot);
      const bar = this.kept[slot - this.firstSlot];
      if (bar) return bar.openTime;
    }
  }

  range(from: number, to: number, limit: number, newest: boolean): BarText[] {
    const first = Math.max(this.firstSlot, this.slotFrom(from));
    const end = this.slotFrom(to);
    if (end <= first) return [];
    this.drawTo(end - 1);
    const bars = this.kept.slice(first - this.firstSlot, end - this.firstSlot).filter((bar) => bar !== null);
    return newest ? bars.slice(-limit) : bars.slice(0, limit);
  }

  private slotFrom(time: number): number {
    return Math.max(0, Math.ceil((time - this.market.from) / this.market.intervalMs));
  }

  private drawTo(slot: number): void {
    while (this.state.slot <= slot) this.kept.push(nextSynthetic(this.market, this.state));
    if (this.kept.length <= KEPT_SLOTS_MAX) return;
    this.kept = this.kept.slice(DROPPED_SLOTS);
    this.firstSlot += DROPPED_SLOTS;
  }
}
