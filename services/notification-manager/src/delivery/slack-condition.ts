import type { PostResult } from './slack-poster.ts';

export type SlackState = 'not-configured' | 'ok' | 'retrying' | 'needs-person';

/** How the way to Slack was at the last attempts, by channel: one broken channel is named while the others work. */
export class SlackCondition {
  readonly #configured: boolean;
  readonly #faults = new Map<string, Extract<PostResult, { kind: 'retry' }>>();

  constructor(configured: boolean) {
    this.#configured = configured;
  }

  /** Returns true when this changed the channel's state, which is then worth a log line. */
  note(channel: string, result: PostResult): boolean {
    const before = this.#faults.get(channel);
    if (result.kind !== 'retry') return this.#faults.delete(channel);
    this.#faults.set(channel, result);
    return before?.error !== result.error;
  }

  get state(): SlackState {
    if (!this.#configured) return 'not-configured';
    const faults = [...this.#faults.values()];
    if (faults.some(({ needsPerson }) => needsPerson)) return 'needs-person';
    return faults.length > 0 ? 'retrying' : 'ok';
  }

  /** What went wrong, by channel; empty when all is well. */
  get faults(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#faults].map(([channel, { error }]) => [channel, error]));
  }
}
