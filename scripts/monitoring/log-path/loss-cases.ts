import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../compose/until.ts';
import type { Report } from '../report.ts';
import { LokiApi } from './loki-api.ts';
import { type LogPathStand, WRITERS } from './stand.ts';

const BETWEEN_MS = 5_000;
const AWAY_MS = 20_000;
/** The rotating writer waits 15 s, then a file is full after some four. */
const ROTATIONS_MS = 40_000;
const ARRIVED_MS_MAX = 120_000;
/** What Alloy may hold read and unsent: a batch on its way, one that waits and one that grows, and their lines are not longer. */
const HELD_LINES_MAX = (3 * 16 * 1024) / 150;

export interface Lossy {
  readonly stand: LogPathStand;
  readonly signal: AbortSignal;
  readonly report: Report;
}
type Numbered = 'steady' | 'rotating' | 'interrupted';

/** What a host's life does to the path while containers number their lines; then each number is there once. */
export async function checkNothingIsLost({ stand, signal, report }: Lossy): Promise<void> {
  const { project } = stand;
  const pause = (ms = BETWEEN_MS) => sleep(ms, undefined, { signal });
  await stand.up(WRITERS.steady, WRITERS.rotating);
  await pause(ROTATIONS_MS);
  await project.compose('stop', WRITERS.rotating);
  await project.compose('restart', 'alloy');
  await pause();
  await project.compose('kill', '--signal', 'KILL', 'alloy');
  await pause();
  await stand.up('alloy');
  await pause();
  await project.compose('stop', 'loki');
  await pause(AWAY_MS);
  await stand.up('loki');
  await lokiReady({ stand, signal, report });
  // As on a host that stops and starts: Compose ends Alloy first, and what is written then waits in the files.
  await project.compose('stop', 'alloy', 'loki');
  await pause();
  await stand.up('loki', 'alloy');
  await pause();
  await project.compose('stop', WRITERS.steady);
  const once = (kind: Numbered, words: string) => expectNumbers({ stand, signal, report }, kind, words, 0);
  await once('rotating', 'files that Docker rotates');
  await once('steady', 'Alloy restarted and killed, Loki away, both stopped');
}

/** The one way to lose lines that is left, and its bound: Alloy stops while Loki is away. */
export async function checkLossIsBounded({ stand, signal, report }: Lossy): Promise<void> {
  const { project } = stand;
  const pause = (ms = BETWEEN_MS) => sleep(ms, undefined, { signal });
  await stand.up(WRITERS.interrupted);
  await pause();
  await project.compose('stop', 'loki');
  await pause(AWAY_MS);
  await project.compose('restart', 'alloy');
  await pause();
  await stand.up('loki');
  await pause();
  await project.compose('stop', WRITERS.interrupted);
  const words = 'Alloy restarted while Loki is away';
  await expectNumbers({ stand, signal, report }, 'interrupted', words, HELD_LINES_MAX);
}

async function lokiReady({ stand, signal }: Lossy): Promise<void> {
  const loki = new LokiApi(await stand.url('loki'));
  await until(ARRIVED_MS_MAX, signal, async () => ((await loki.isReady()) ? null : 'Loki is not ready'));
}

async function expectNumbers(
  { stand, signal, report }: Lossy,
  kind: Numbered,
  words: string,
  lostMax: number,
): Promise<void> {
  const total = await totalWritten(stand, WRITERS[kind]);
  const loki = new LokiApi(await stand.url('loki'));
  const query = `{service="${WRITERS[kind]}"} |= \`${stand.run}\``;
  await until(ARRIVED_MS_MAX, signal, async () =>
    (await loki.sums(`sum(count_over_time(${query} |= \`steady ends\` [1h]))`)).size > 0
      ? null
      : 'the end is not there',
  ).catch(() => undefined);
  const times = new Map<number, number>();
  for (const { line } of await loki.entries(query)) {
    const { n } = JSON.parse(line) as { n?: number };
    if (n !== undefined) times.set(n, (times.get(n) ?? 0) + 1);
  }
  const lost = Array.from({ length: total }, (_, n) => n).filter((n) => !times.has(n));
  const doubled = [...times].filter(([, seen]) => seen > 1);
  const found = `${lost.length} of ${total} lines are lost, ${doubled.length} doubled`;
  const holds = total > 0 && lost.length <= lostMax && doubled.length === 0;
  report(`${words}: ${found}`, holds ? null : `first and last: ${lost[0]}, ${lost.at(-1)}`);
}

async function totalWritten({ project }: LogPathStand, service: string): Promise<number> {
  const { Id } = await project.inspect(service);
  const { stdout } = await project.docker('container', 'logs', '--tail', '1', Id);
  return (JSON.parse(stdout) as { total: number }).total;
}
