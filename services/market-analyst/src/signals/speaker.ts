import type { Bar } from '@fleet/domain/bars';
import {
  type AnyStrategy,
  type StrategyAssignment,
  type StrategySignal,
  strategyByName,
  strategyVersion,
} from '@fleet/domain/strategies';

/** A strategy version that speaks, or is to speak, for a symbol. */
export interface Version extends StrategyAssignment {
  /** Hash of strategy, parameters and symbol. */
  readonly version: string;
  /** Name that the optimizer gave the parameters; null when they come from the configuration. */
  readonly parameterVersion: string | null;
  readonly rollbackOf: string | null;
}

export function versionOf(
  assignment: StrategyAssignment,
  origin: Pick<Version, 'parameterVersion' | 'rollbackOf'> = { parameterVersion: null, rollbackOf: null },
): Version {
  return { ...assignment, ...origin, version: strategyVersion(assignment) };
}

/** Bars that a version takes in before it speaks. */
export function warmUpBars(version: Version): number {
  return strategyByName(version.strategy).warmUpBars(version.parameters);
}

/** The strategy of a symbol with its memory. */
export class Speaker {
  readonly version: Version;
  /** Open time of the first set that it spoke on; null until then. */
  firstOpenTime: number | null;
  /** Bars that it was given beforehand. */
  readonly warmUpBars: number;
  readonly #strategy: AnyStrategy;
  readonly #memory: unknown;

  private constructor(
    about: Pick<Speaker, 'version' | 'firstOpenTime' | 'warmUpBars'>,
    strategy: AnyStrategy,
    memory: unknown,
  ) {
    this.version = about.version;
    this.firstOpenTime = about.firstOpenTime;
    this.warmUpBars = about.warmUpBars;
    this.#strategy = strategy;
    this.#memory = memory;
  }

  static warmedUp(version: Version, bars: readonly Bar[]): Speaker {
    const strategy = strategyByName(version.strategy);
    const memory = strategy.create(version.parameters);
    for (const bar of bars) strategy.onBar(version.parameters, memory, bar);
    return new Speaker({ version, firstOpenTime: null, warmUpBars: bars.length }, strategy, memory);
  }

  /** @throws SnapshotShapeError when the snapshot was taken by other code. */
  static restored(
    about: Pick<Speaker, 'version' | 'firstOpenTime' | 'warmUpBars'>,
    snapshot: unknown,
  ): Speaker {
    const strategy = strategyByName(about.version.strategy);
    return new Speaker(about, strategy, strategy.restore(about.version.parameters, snapshot));
  }

  onBar(bar: Bar): StrategySignal {
    return this.#strategy.onBar(this.version.parameters, this.#memory, bar);
  }

  snapshot(): unknown {
    return this.#strategy.snapshot(this.#memory);
  }
}
