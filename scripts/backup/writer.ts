import { Client } from 'pg';

/** An entry that the server has confirmed. */
export interface Committed {
  readonly entry: number;
  /** Epoch ms on this machine, when the confirmation came. */
  readonly at: number;
}

const PAUSE_MS = 2_000;
const NOTE = 'x'.repeat(2_000);

/** Books entry after entry, each in a transaction of its own, and remembers which were confirmed. */
export class Writer {
  readonly #client: Client;
  readonly #committed: Committed[] = [];
  #running: Promise<void> = Promise.resolve();
  #ended = false;
  #paused = false;

  constructor(url: string) {
    this.#client = new Client({ connectionString: url });
    // The server's death is part of the test.
    this.#client.on('error', () => {
      this.#ended = true;
    });
  }

  async start(): Promise<void> {
    await this.#client.connect();
    this.#running = this.#write();
  }

  /** Writes nothing for a moment and goes on; the epoch ms of its middle. */
  async pause(): Promise<number> {
    this.#paused = true;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS / 2));
    const at = Date.now();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS / 2));
    this.#paused = false;
    return at;
  }

  /** Every entry that was confirmed. */
  async stop(): Promise<readonly Committed[]> {
    this.#ended = true;
    await this.#running;
    await this.#client.end().catch(() => {});
    return this.#committed;
  }

  async #write(): Promise<void> {
    for (let entry = 1; !this.#ended; ) {
      if (this.#paused) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      const booked = await this.#client.query(booking(entry)).then(
        () => true,
        () => false,
      );
      if (!booked) return;
      this.#committed.push({ entry, at: Date.now() });
      entry += 1;
    }
  }
}

/** One text of several statements is one transaction. */
function booking(entry: number): string {
  return `INSERT INTO books.ledger_entries VALUES ('test', ${entry}, 'fill');
    INSERT INTO books.ledger_postings VALUES ('test', ${entry}, 1, 'USDT', ${entry}), ('test', ${entry}, 2, 'USDT', -${entry});
    INSERT INTO books.outbox VALUES ('test', 0, ${entry}, '${NOTE}');`;
}
