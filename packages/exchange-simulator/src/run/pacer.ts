import { setTimeout as sleep, setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Simulation } from './simulation.ts';

/** Bars per bar: 60 plays a minute in a second. Infinity is as fast as the machine. */
export type Speed = number;

/**
 * Plays the market against the clock: the open step at the bar's begin, the path step in its middle, the close at its
 * end. A stretch without candles takes the time of one bar.
 */
export class Pacer {
  private readonly simulation: Simulation;
  private readonly stop = new AbortController();
  private speedNow: Speed;
  private wake = new AbortController();
  private running: Promise<void> | null = null;

  constructor(simulation: Simulation, speed: Speed) {
    this.simulation = simulation;
    this.speedNow = speed;
  }

  get speed(): Speed {
    return this.speedNow;
  }

  /** Holds at once. */
  setSpeed(speed: Speed): void {
    this.speedNow = speed;
    this.wake.abort();
  }

  start(onFailure: (error: unknown) => void): void {
    this.running ??= this.play().catch((error: unknown) => {
      if (!this.stop.signal.aborted) onFailure(error);
    });
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  private async play(): Promise<void> {
    const { simulation } = this;
    for (let openTime = simulation.nextOpenTime(); openTime !== null; openTime = simulation.nextOpenTime()) {
      const done = simulation.cursor?.openTime === openTime ? simulation.cursor.step : null;
      if (done === null && simulation.couldMatch('open', openTime)) simulation.perform('open', openTime);
      await this.halfABar();
      if (done !== 'path' && simulation.couldMatch('path', openTime)) simulation.perform('path', openTime);
      await this.halfABar();
      simulation.perform('close', openTime);
    }
    if (!simulation.finished) simulation.advance();
  }

  /** Waits for half a bar of market time; a new speed counts for what is left of it. */
  private async halfABar(): Promise<void> {
    let left = this.simulation.market.intervalMs / 2;
    while (left > 0) {
      const [speed, began] = [this.speedNow, performance.now()];
      if (left / speed < 1) return yieldToOthers(undefined, { signal: this.stop.signal });
      this.wake = new AbortController();
      const signal = AbortSignal.any([this.stop.signal, this.wake.signal]);
      const slept = await sleep(left / speed, true, { signal }).catch(() => false);
      this.stop.signal.throwIfAborted();
      left = slept ? 0 : left - (performance.now() - began) * speed;
    }
  }
}
