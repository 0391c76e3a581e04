/** Lets one loop sleep until something happened or a time is over. What happened while it was awake is not lost. */
export class Wake {
  #happened = false;
  #resume: (() => void) | undefined;

  notify(): void {
    this.#happened = true;
    this.#resume?.();
  }

  /** At most `timeoutMs`; at once when there was a notification since the last wait. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.#happened) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#resume = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#resume = undefined;
    }
    this.#happened = false;
  }
}
