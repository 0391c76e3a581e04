import type { AccessTable, Operator } from '@fleet/shared/access';
import type { Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';
import type { Upstreams } from './upstreams.ts';

/** What the edge's configuration follows from, read and checked. */
export interface EdgeInput {
  readonly settings: Settings;
  readonly access: AccessTable;
  readonly operators: readonly Operator[];
  readonly secrets: Secrets;
  readonly upstreams: Upstreams;
  /** Certificates of the authorities whose client certificates count. */
  readonly authorities: readonly string[];
  /** What tells the server's certificate and key apart from earlier ones; absent where an authority issues them. */
  readonly certificate: string | undefined;
  /** Where the provider has its public keys; absent when it has none. */
  readonly keySet: URL | undefined;
}
