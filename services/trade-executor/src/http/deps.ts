import type { LocalInput } from '@fleet/shared/streams';
import type { ManualRequest } from '../manual/decide.ts';
import type { ReconcileResult } from '../reconciliation/decide.ts';
import type { LastBar } from '../venue/port.ts';
import type { OrderReader } from './order-reader.ts';

/** What the routes use. */
export interface ExecutorDeps {
  readonly run: string;
  readonly reader: OrderReader;
  readonly symbols: readonly string[];
  readonly submit: (input: LocalInput) => Promise<unknown>;
  /** Of the venue; throws NotLeaderError in a replica that stands by. */
  readonly lastBar: (symbol: string) => Promise<LastBar | null>;
  readonly reconcile: (acceptBalances: boolean) => Promise<NonNullable<ReconcileResult>>;
  /** Trading day of a time, and the market time of a bar's close. */
  readonly dayOf: (time: number) => string;
  readonly intervalMs: number;
  readonly manualValidForMs: ManualRequest['validForMs'];
  /** Epoch milliseconds. */
  readonly wall: () => number;
}
