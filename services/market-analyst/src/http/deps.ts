import type { Queryable } from '@fleet/shared/postgres';
import type { LocalInput } from '@fleet/shared/streams';
import type { IngestFeed } from '../feed/ingest-feed.ts';

/** What the routes use. */
export interface AnalysisDeps {
  readonly pool: Pick<Queryable, 'query'>;
  readonly run: string;
  readonly interval: string;
  readonly symbols: readonly string[];
  /** Null where the bars come from a venue. */
  readonly ingest: IngestFeed | null;
  readonly wall: () => number;
  submit(input: LocalInput): Promise<unknown>;
}
