import type { WriteStream } from 'node:tty';
import type { FleetView } from './fleet-watch.ts';
import { progressLine, screenLines } from './live-view.ts';

export interface ProgressOptions {
  readonly out: Pick<WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number };
  /** How the fleet stands now. */
  readonly look: () => Promise<FleetView>;
}

const SCREEN_EVERY_MS = 500;
const LINE_EVERY_MS = 5_000;
const COLUMNS = 80;

/**
 * Shows how a replay goes: in a terminal a view that is drawn anew in place, elsewhere a line now and then. `say` puts a
 * line above the view. Looking fails quietly: a fleet that does not answer is shown as such.
 */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #screen: boolean;
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #last: { readonly at: number; readonly done: number } | undefined;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#screen = options.out.isTTY === true;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#show(), this.#screen ? SCREEN_EVERY_MS : LINE_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#drawn = 0;
  }

  say(line: string): void {
    this.#erase();
    this.#options.out.write(`${line}\n`);
  }

  async #show(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const view = await this.#options.look();
      if (this.#timer !== undefined) this.#draw(view);
    } finally {
      this.#looking = false;
    }
  }

  #draw(view: FleetView): void {
    const rate = { cyclesPerSecond: this.#rate(view.done) };
    const { out } = this.#options;
    if (!this.#screen) {
      out.write(`${progressLine(view, rate)}\n`);
      return;
    }
    const lines = screenLines(view, rate, out.columns || COLUMNS); // a terminal of unknown width says 0
    this.#erase();
    out.write(lines.map((line) => `${line}\u001b[K\n`).join(''));
    this.#drawn = lines.length;
  }

  /** Up to the view's first line, and all below it away. */
  #erase(): void {
    if (this.#drawn > 0) this.#options.out.write(`\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
  }

  #rate(done: number | null): number {
    if (done === null) return 0;
    const now = performance.now();
    const before = this.#last;
    this.#last = { at: now, done };
    return before === undefined ? 0 : (1_000 * (done - before.done)) / (now - before.at);
  }
}
