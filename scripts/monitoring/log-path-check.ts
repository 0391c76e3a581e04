import { access } from 'node:fs/promises';
import { until } from '../compose/until.ts';
import { checkArrivals } from './log-path/arrival-cases.ts';
import { LokiApi } from './log-path/loki-api.ts';
import { checkLossIsBounded, checkNothingIsLost } from './log-path/loss-cases.ts';
import { checkPrograms } from './log-path/program-cases.ts';
import { type Binaries, type LogPathStand, logPathStand, WRITERS } from './log-path/stand.ts';
import type { Report } from './report.ts';

const READY_MS_MAX = 60_000;
const TOTAL_MS_MAX = 15 * 60_000;

/**
 * The containers' log files through Alloy into Loki and out of it by the queries of dashboards and documents, with the
 * programs that LOKI_BIN and ALLOY_BIN name. Without them it says what was left out.
 */
export async function checkLogPath(report: Report): Promise<void> {
  const binaries = await namedBinaries();
  if (binaries === null) {
    process.stdout.write(
      'left out the log path: LOKI_BIN and ALLOY_BIN name no programs, and images cannot be had\n',
    );
    return;
  }
  const signal = AbortSignal.timeout(TOTAL_MS_MAX);
  const stand = await logPathStand(binaries, signal);
  try {
    await checkWhole(stand, signal, report);
  } finally {
    await stand.remove();
  }
}

async function namedBinaries(): Promise<Binaries | null> {
  const { LOKI_BIN: loki, ALLOY_BIN: alloy } = process.env;
  if (!loki || !alloy) return null;
  for (const path of [loki, alloy]) await access(path);
  return { loki, alloy };
}

async function checkWhole(stand: LogPathStand, signal: AbortSignal, report: Report): Promise<void> {
  await stand.up('loki');
  const loki = new LokiApi(await stand.url('loki'));
  // What is written before Alloy starts is read, too.
  await stand.up(WRITERS.every);
  await until(READY_MS_MAX, signal, async () => ((await loki.isReady()) ? null : 'Loki is not ready'));
  await stand.up('alloy');
  const query = `{service="${WRITERS.every}"} |= \`${stand.run}\``;
  await until(READY_MS_MAX, signal, async () =>
    (await loki.entries(`${query} |= \`everything is written\``)).length > 0 ? null : 'nothing has arrived',
  );
  await checkPrograms(stand, report);
  await checkArrivals({ run: stand.run, loki, entries: await loki.entries(query), report });
  await checkNothingIsLost({ stand, signal, report });
  await checkLossIsBounded({ stand, signal, report });
  const words = '{service="loki"} |= `deletion is not available`';
  const kept = (await new LokiApi(await stand.url('loki')).entries(words)).length;
  report(
    'what Loki says with each query is no error that counts',
    kept === 0 ? null : `${kept} lines are there`,
  );
}
