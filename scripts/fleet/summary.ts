import { join } from 'node:path';
import { instrumentsSchema } from '@fleet/domain/instruments';
import { decimal, text } from '@fleet/domain/money';
import { loadYaml } from '@fleet/shared/config';
import type { Client } from 'pg';
import { z } from 'zod';
import { type ControlStatus, controlStatus, venueAccount } from './fleet-answers.ts';
import { askJson } from './http-json.ts';
import { type Proof, proveBooks } from './proof.ts';
import type { ServiceUrls } from './services.ts';

/** Figures of a run from its beginning, over all cuts and continuations. Amounts are decimal text in quote units. */
export interface Summary {
  readonly run: string;
  readonly market: string;
  readonly finished: boolean;
  readonly bars: number;
  readonly cycles: { readonly expected: number; readonly completed: number };
  readonly signals: number;
  /** What risk was asked: the portfolio manager's proposals and orders by hand. */
  readonly proposals: number;
  readonly approvals: number;
  /** Approvals that a limit made smaller, by its code. */
  readonly shrunk: Readonly<Record<string, number>>;
  readonly denials: Readonly<Record<string, number>>;
  /** Purpose, then state. */
  readonly orders: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly fills: number;
  readonly fees: string;
  readonly pnl: { readonly realised: string; readonly unrealised: string; readonly net: string };
  readonly equity: { readonly start: string; readonly end: string };
  /** Milliseconds from a bar set's first event to the completion of its cycle. */
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
  /** Wall seconds of this start's replay, and its cycles. */
  readonly replay: { readonly seconds: number; readonly cycles: number };
  readonly restarts: Readonly<Record<string, number>>;
  readonly proof: Proof;
}

export interface SummarySources {
  readonly configDir: string;
  readonly client: Client;
  readonly urls: ServiceUrls;
  readonly controlUrl: string;
}

export type RunFigures = Omit<Summary, 'market' | 'replay' | 'restarts'>;

const holdings = z.object({
  equity: z.string(),
  balances: z.record(z.string(), z.string()),
  positions: z.array(z.object({ symbol: z.string(), quantity: z.string() })),
});
const pnl = z.object({
  equity: z.string(),
  realisedPnl: z.string(),
  unrealisedPnl: z.string(),
  fees: z.string(),
});

/** Asks services, simulator and tables of the quiet fleet. */
export async function runFigures(sources: SummarySources): Promise<RunFigures> {
  const { client, urls, controlUrl } = sources;
  const status = controlStatus.parse(await askJson(`${controlUrl}/control/status`));
  const portfolio = urls['portfolio-manager'];
  const figures = pnl.parse(await askJson(`${portfolio}/portfolio/pnl`));
  const { completed, ...counts } = await countsOf(client, status.run);
  const start = await openingEquity(client, status.run);
  return {
    run: status.run,
    finished: status.finished,
    ...counts,
    cycles: { expected: status.done, completed },
    fees: figures.fees,
    pnl: {
      realised: figures.realisedPnl,
      unrealised: figures.unrealisedPnl,
      net: text(decimal(figures.equity).sub(decimal(start))),
    },
    equity: { start, end: figures.equity },
    proof: await proof(sources, status),
  };
}

async function proof(sources: SummarySources, { run }: ControlStatus): Promise<Proof> {
  const { client, urls, controlUrl, configDir } = sources;
  const { instruments } = loadYaml(join(configDir, 'instruments.yaml'), instrumentsSchema);
  const bases = new Map(instruments.map(({ symbol, base }) => [symbol, base]));
  const venue = venueAccount.parse(await askJson(`${controlUrl}/control/account`));
  const held = holdings.parse(await askJson(`${urls['portfolio-manager']}/portfolio/holdings`));
  const { rows } = await client.query<{ asset: string; amount: string }>(LEDGER, [run]);
  return proveBooks(
    {
      ledger: Object.fromEntries(rows.map(({ asset, amount }) => [asset, amount])),
      balances: held.balances,
      positions: Object.fromEntries(
        held.positions.map(({ symbol, quantity }) => [bases.get(symbol) ?? symbol, quantity]),
      ),
    },
    venue,
  );
}

const LEDGER = `
  select asset, sum(amount)::text as amount from portfolio.ledger_postings
   where run = $1 and account = 'wallet' group by asset`;

const COMPLETED = `
  select count(*)::int as count from orchestrator.cycles where run = $1 and kind = 'bars' and status = 'settled'`;

/** Bars from the first cycle on: those before it only warmed the strategies up. */
const COUNTS = `
  select
    (select count(*) from analysis.bars b where b.run = $1 and b.open_time >=
      (select min(open_time) from orchestrator.cycles where run = $1 and kind = 'bars'))::int as bars,
    (${COMPLETED}) as completed,
    (select count(*) from analysis.signals where run = $1)::int as signals,
    ((select count(*) from portfolio.proposals where run = $1) +
     (select count(*) from execution.orders where run = $1 and purpose = 'manual'))::int as proposals,
    (select count(*) from risk.decisions where run = $1 and outcome = 'approved')::int as approvals,
    (select count(*) from execution.fills where run = $1)::int as fills`;

/** Denials by their code, or approvals by the code of the limit that made them smaller. */
const BY_CODE = `
  select code, count(*)::int as count from risk.decisions where run = $1 and outcome = $2 and code is not null
   group by code order by count desc, code`;

const ORDERS = `
  select purpose, state, count(*)::int as count from execution.orders where run = $1
   group by purpose, state order by purpose, state`;

const LATENCY = `
  select percentile_cont(array[0.5, 0.99]) within group (order by completed_at - opened_at) as percentiles
    from orchestrator.cycles
   where run = $1 and kind = 'bars' and completed_at is not null and opened_at is not null`;

interface Counts {
  readonly bars: number;
  readonly completed: number;
  readonly signals: number;
  readonly proposals: number;
  readonly approvals: number;
  readonly fills: number;
}

async function countsOf(client: Client, run: string) {
  const counts = (await client.query<Counts>(COUNTS, [run])).rows[0];
  const [denials, shrunk] = [await byCode(client, run, 'denied'), await byCode(client, run, 'approved')];
  const orders = await client.query<{ purpose: string; state: string; count: number }>(ORDERS, [run]);
  const latency = await client.query<{ percentiles: number[] | null }>(LATENCY, [run]);
  const [p50 = null, p99 = null] = latency.rows[0]?.percentiles ?? [];
  const byPurpose: Record<string, Record<string, number>> = {};
  for (const { purpose, state, count } of orders.rows) {
    byPurpose[purpose] = { ...byPurpose[purpose], [state]: count };
  }
  return {
    ...(counts ?? { bars: 0, completed: 0, signals: 0, proposals: 0, approvals: 0, fills: 0 }),
    shrunk,
    denials,
    orders: byPurpose,
    latencyMs: { p50, p99 },
  };
}

async function byCode(
  client: Client,
  run: string,
  outcome: 'approved' | 'denied',
): Promise<Readonly<Record<string, number>>> {
  const { rows } = await client.query<{ code: string; count: number }>(BY_CODE, [run, outcome]);
  return Object.fromEntries(rows.map(({ code, count }) => [code, count]));
}

async function openingEquity(client: Client, run: string): Promise<string> {
  const { rows } = await client.query<{ equity: string }>(
    'select equity::text from portfolio.equity where run = $1 order by open_time, kind desc limit 1',
    [run],
  );
  return rows[0]?.equity ?? '0';
}

/** Decision cycles of the simulator's run that are settled. */
export async function completedCycles(client: Client, controlUrl: string): Promise<number> {
  const { run } = controlStatus.parse(await askJson(`${controlUrl}/control/status`));
  const { rows } = await client.query<{ count: number }>(COMPLETED, [run]);
  return rows[0]?.count ?? 0;
}
