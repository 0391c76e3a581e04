/**
 * Why the loop of a leaseholder leaves what it is doing:
 * - `stop`: asked to
 * - `lease-lost`: somebody else may hold it
 * - `redis-lost`: groups, marker or server are others; the state stays good
 * - `state-lost`: a write failed or was never answered, or a decision threw: load again
 */
export type InterruptKind = 'stop' | 'lease-lost' | 'redis-lost' | 'state-lost';

export class Interrupt extends Error {
  readonly kind: InterruptKind;
  /** Repeat only after a pause. */
  readonly pause: boolean;

  constructor(kind: InterruptKind, options: { cause?: unknown; pause?: boolean } = {}) {
    super(`interrupted: ${kind}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Interrupt';
    this.kind = kind;
    this.pause = options.pause ?? false;
  }
}
