import { z } from 'zod';

const values = z.array(z.tuple([z.string(), z.string()]));
const streams = z.object({
  data: z.object({
    resultType: z.literal('streams'),
    result: z.array(z.object({ stream: z.record(z.string(), z.string()), values })),
  }),
});
const series = z.object({
  data: z.object({
    resultType: z.enum(['vector', 'matrix']),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]).optional(),
        values: z.array(z.tuple([z.number(), z.string()])).optional(),
      }),
    ),
  }),
});
const labels = z.object({ data: z.array(z.string()).optional() });

export interface Entry {
  /** Labels and, beside them, structured metadata: Loki's answer makes no difference. */
  readonly fields: Readonly<Record<string, string>>;
  readonly nanoseconds: bigint;
  readonly line: string;
}

const LIMIT = 5_000;

/** What Grafana asks of Loki, without Grafana. */
export class LokiApi {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async isReady(): Promise<boolean> {
    return (await fetch(`${this.#url}/ready`)).ok;
  }

  async text(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(this.#url + path);
    return { status: response.status, text: await response.text() };
  }

  /** All entries of the last hours, the oldest first, however many they are. */
  async entries(query: string, sinceHours = 2): Promise<Entry[]> {
    const end = (BigInt(Date.now()) + 60_000n) * 1_000_000n;
    let start = end - BigInt(sinceHours) * 3_600n * 1_000_000_000n;
    const found = new Map<string, Entry>();
    for (;;) {
      const page = await this.#page(query, start, end);
      // A page begins at the last time of the one before, of which some entries are known.
      for (const [index, entry] of page.entries()) found.set(keyOf(entry, page, index), entry);
      if (page.length < LIMIT) return [...found.values()];
      start = page.at(-1)?.nanoseconds ?? end;
    }
  }

  async #page(query: string, start: bigint, end: bigint): Promise<Entry[]> {
    const asked = { query, start: `${start}`, end: `${end}`, limit: `${LIMIT}`, direction: 'forward' };
    const { data } = streams.parse(await this.#ask('/loki/api/v1/query_range', asked));
    return data.result
      .flatMap(({ stream, values: pairs }) =>
        pairs.map(([time, line]) => ({ fields: stream, nanoseconds: BigInt(time), line })),
      )
      .toSorted((a, b) => Number(a.nanoseconds - b.nanoseconds));
  }

  /** Sums of a metric query, by its labels in JSON. */
  async sums(query: string): Promise<Map<string, number>> {
    const { data } = series.parse(await this.#ask('/loki/api/v1/query', { query }));
    return new Map(data.result.map(({ metric, value }) => [JSON.stringify(metric), Number(value?.[1])]));
  }

  /** Label names of the series that the selector finds, as the index has them: without structured metadata. */
  async labelNames(selector: string): Promise<string[]> {
    const asked = { query: selector };
    return labels.parse(await this.#ask('/loki/api/v1/labels', asked)).data ?? [];
  }

  async #ask(path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
    const response = await fetch(`${this.#url}${path}?${new URLSearchParams(parameters)}`);
    const text = await response.text();
    if (!response.ok)
      throw new Error(`Loki answered ${parameters['query']} with ${response.status}: ${text}`);
    return JSON.parse(text);
  }
}

/** Two equal entries of one time are two; the same one on two pages is one. */
function keyOf(entry: Entry, page: readonly Entry[], index: number): string {
  let nth = 0;
  for (let before = index - 1; page[before]?.nanoseconds === entry.nanoseconds; before -= 1)
    if (page[before]?.line === entry.line) nth += 1;
  return `${entry.nanoseconds} ${nth} ${entry.line}`;
}
