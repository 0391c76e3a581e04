export interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** Named checks, one line each as it ends, counted. */
export class Checklist {
  #passed = 0;
  #failed = 0;
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** True when it held. A text that the check resolves with is shown beside its name. */
  async check(name: string, act: () => Promise<unknown>): Promise<boolean> {
    const began = performance.now();
    const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
    try {
      const found = await act();
      this.#passed += 1;
      this.#say(`ok      ${name}${typeof found === 'string' ? `: ${found}` : ''} (${seconds()})`);
      return true;
    } catch (error) {
      this.#failed += 1;
      this.#say(
        `FAILED  ${name} (${seconds()})\n${indented(error instanceof Error ? error.message : String(error))}`,
      );
      return false;
    }
  }

  /** As `check`, for what everything after it stands on. */
  async need(name: string, act: () => Promise<unknown>): Promise<void> {
    if (!(await this.check(name, act))) throw new Unmet(name);
  }

  /** Counts what was found elsewhere; a fault is what did not hold. */
  note(name: string, fault: string | undefined): void {
    if (fault === undefined) this.#passed += 1;
    else this.#failed += 1;
    this.#say(fault === undefined ? `ok      ${name}` : `FAILED  ${name}\n${indented(fault)}`);
  }

  get count(): Count {
    return { passed: this.#passed, failed: this.#failed };
  }
}

/** Already counted and shown: what follows cannot be checked. */
export class Unmet extends Error {
  override readonly name = 'Unmet';
}

function indented(text: string): string {
  return text.replace(/^/gm, '        ');
}
