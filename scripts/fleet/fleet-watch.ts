import { z } from 'zod';
import { controlStatus } from './fleet-answers.ts';
import { askJson } from './http-json.ts';
import { notReady } from './readiness.ts';
import { SERVICE_NAMES, type ServiceName, type ServiceUrls } from './services.ts';

/** How the fleet stands at a moment, for people. Null where nobody answered. */
export interface FleetView {
  readonly done: number | null;
  readonly total: number | null;
  /** Market time as ISO text. */
  readonly marketTime: string | null;
  readonly equity: string | null;
  readonly dayPnlPct: number | null;
  readonly state: string | null;
  readonly fills: number | null;
  readonly services: readonly ServiceView[];
}

export interface ServiceView {
  readonly name: ServiceName;
  /** Null when it is ready. */
  readonly problem: string | null;
  /** Stream entries that it has not read yet; null when it does not say. */
  readonly lag: number | null;
}

const pnlStatus = z.looseObject({
  equity: z.string().nullable(),
  day: z.looseObject({ pnlPct: z.number() }).nullable(),
  trading: z.looseObject({ mode: z.string() }),
});
const anyStatus = z.looseObject({
  runners: z
    .array(z.looseObject({ streams: z.record(z.string(), z.looseObject({ lag: z.number().nullish() })) }))
    .default([]),
});
const marketTime = z.looseObject({ time: z.number() });
const lastIds = z.looseObject({ trades: z.number() });

/** Asks everyone once; questions that fail leave their part empty. */
export async function watchFleet(urls: ServiceUrls, controlUrl: string): Promise<FleetView> {
  const [status, account, pnl, ...services] = await Promise.all([
    quietly(`${controlUrl}/control/status`),
    quietly(`${controlUrl}/control/account`),
    quietly(`${urls.orchestrator}/pnl/status`),
    ...SERVICE_NAMES.map((name) => serviceView(name, urls[name])),
  ]);
  const replay = controlStatus.safeParse(status).data;
  const time = marketTime.safeParse(status).data?.time;
  const day = pnlStatus.safeParse(pnl).data;
  return {
    done: replay?.done ?? null,
    total: replay?.total ?? null,
    marketTime: time === undefined || time <= 0 ? null : new Date(time).toISOString(),
    equity: day?.equity ?? null,
    dayPnlPct: day?.day?.pnlPct ?? null,
    state: day?.trading.mode ?? null,
    fills: lastIds.safeParse(account).data?.trades ?? null,
    services,
  };
}

async function serviceView(name: ServiceName, url: string): Promise<ServiceView> {
  const [problem, status] = await Promise.all([notReady(name, url), quietly(`${url}/status`)]);
  const runners = anyStatus.safeParse(status).data?.runners;
  const lags = runners?.flatMap(({ streams }) => Object.values(streams).map(({ lag }) => lag ?? 0));
  return {
    name,
    problem: problem === null ? null : problem.replace(`${name}: `, ''),
    lag: lags === undefined ? null : lags.reduce((sum, lag) => sum + lag, 0),
  };
}

async function quietly(url: string): Promise<unknown> {
  return askJson(url, { timeoutMs: 2_000 }).catch(() => null);
}
