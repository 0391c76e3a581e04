import { DASHBOARDS } from '../../dashboards/all.ts';
import { queriesOf, substituted } from '../../dashboards/queries.ts';
import { documentedQueries } from '../loki-queries.ts';
import type { Report } from '../report.ts';
import type { Entry, LokiApi } from './loki-api.ts';
import { WRITERS } from './stand.ts';
import { CLOSE_TO_SPLIT_BYTES, CODE, ORDER, PLANTED, planted, SPLIT_BYTES } from './written.ts';

/** Labels of a stream: more would be a stream for every value. */
const LABELS = ['job', 'level', 'service', 'stream'];
const service = WRITERS.every;

interface Arrived {
  readonly run: string;
  readonly loki: LokiApi;
  readonly entries: readonly Entry[];
  readonly report: Report;
}

/** What Loki holds of the container that printed a line of every kind. */
export async function checkArrivals(arrived: Arrived): Promise<void> {
  checkMetadata(arrived);
  checkTimes(arrived);
  checkEdges(arrived);
  checkPlanted(arrived);
  await checkLabels(arrived);
  await checkQueries(arrived);
}

const parsed = ({ line }: Entry): Record<string, unknown> => {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
};
const ofCase = (entries: readonly Entry[], name: string) =>
  entries.filter((entry) => parsed(entry)['case'] === name);
const expectEqual = (report: Report, name: string, seen: unknown, wanted: unknown): void => {
  const [is, should] = [JSON.stringify(seen), JSON.stringify(wanted)];
  report(name, is === should ? null : `it is ${is.slice(0, 2_000)}\ninstead of ${should}`);
};

function checkMetadata({ run, entries, report }: Arrived): void {
  const { requestId, traceId, cycle } = ORDER;
  const [line] = ofCase(entries, 'ids');
  const { fields = {} } = line ?? {};
  const seen = [fields['requestId'], fields['traceId'], fields['orderId'], fields['cycle']];
  expectEqual(report, 'request, trace, order and cycle arrive beside the line', seen, [
    ...[requestId, traceId, ORDER.orderId(run), `${cycle}`],
  ]);
  expectEqual(report, "the service is the log driver's tag", fields['service'], service);
  const audits = entries.filter((entry) => parsed(entry)['audit'] !== undefined);
  expectEqual(
    report,
    'an audit line is found by its request and its trace',
    audits.map(({ fields: { requestId: request, traceId: trace } }) => [request, trace]),
    [
      [requestId, traceId],
      [requestId, traceId],
    ],
  );
  const levels = ofCase(entries, 'levels').map(({ fields: { level } }) => level);
  expectEqual(report, 'every level is a label', levels.toSorted(), [
    ...['debug', 'error', 'fatal', 'info', 'trace', 'warn'],
  ]);
  const plain = entries.find((entry) => entry.line === `plain words of ${run}`);
  expectEqual(
    report,
    'plain words arrive whole, of stderr and of no level',
    [plain?.fields['stream'], plain?.fields['level']],
    ['stderr', 'unknown'],
  );
}

function checkTimes({ entries, report }: Arrived): void {
  const own = entries.flatMap((entry) => {
    const { time } = parsed(entry);
    return typeof time === 'string' ? [{ entry, time }] : [];
  });
  const others = own.filter(({ entry, time }) => entry.nanoseconds / 1_000_000n !== BigInt(Date.parse(time)));
  report(
    `the time that a line says is its time (${own.length} lines)`,
    own.length > 0 && others.length === 0 ? null : `${others.length} others, e.g. ${others[0]?.entry.line}`,
  );
}

function checkEdges({ entries, report }: Arrived): void {
  const lengths = (name: string) =>
    entries.filter(({ line }) => line.includes(`"case":"edge-${name}"`)).map(({ line }) => line.length + 1);
  expectEqual(report, 'a line of 16 KiB arrives whole', lengths('below'), [CLOSE_TO_SPLIT_BYTES]);
  // As docs/logs.md says. Ours are cut before.
  const parts = entries.filter(({ line }) => /"case":"edge-above"|^z+","end":/.test(line));
  expectEqual(
    report,
    'a longer one in two parts, the second of no level',
    [
      parts.reduce((sum, { line }) => sum + line.length, 1),
      parts.map(({ fields: { level } }) => level).toSorted(),
    ],
    [SPLIT_BYTES, ['unknown', 'unknown']],
  );
}

function checkPlanted({ run, entries, report }: Arrived): void {
  const all = entries.map(({ line, fields }) => line + JSON.stringify(fields)).join('\n');
  const found = PLANTED.flatMap((text, index) => {
    const { secret, person } = planted(run, index);
    return all.includes(secret) || all.includes(person) ? [text] : [];
  });
  const lines = ofCase(entries, 'planted').length;
  report(
    `no secret and no person of ${PLANTED.length} texts is in Loki (${lines} lines that held them)`,
    found.length === 0 && lines >= PLANTED.length ? null : `found, or not arrived: ${found.join(' | ')}`,
    PLANTED.length,
  );
}

async function checkLabels({ loki, report }: Arrived): Promise<void> {
  const names = await loki.labelNames(`{service="${service}"}`);
  expectEqual(report, `labels are ${LABELS.join(', ')}`, names.toSorted(), LABELS);
}

/** Each query of a panel with what it finds among the lines; of the documents each is asked. */
async function checkQueries({ run, loki, entries, report }: Arrived): Promise<void> {
  const chosen = { service, __auto: '2h', __interval: '2h', id: ORDER.orderId(run), search: run };
  const cases: Readonly<Record<string, (found: string) => boolean>> = {
    'Lines by level': (found) => found.includes('"level":"info"'),
    'Lines by service': (found) => found.includes(`"service":"${service}"`),
    'Errors by service': (found) => found.includes(`"service":"${service}"`),
    'Errors by code': (found) => found.includes(`"err_code":"${CODE}"`),
    'Answers with a fault': (found) => found.includes('"route":"/busy"'),
    'Lines that were cut': (found) => found.includes(`"service":"${service}"`),
    Lines: (found) => found.includes('order sent'),
    'Of one order': (found) => found.includes('order sent'),
    'Who did what': (found) => found.includes('granted') && found.includes('refused'),
  };
  const queries = queriesOf(DASHBOARDS, 'logql');
  for (const { panel, expr } of queries) {
    const found = await answerOf(loki, substituted(expr, chosen));
    const holds = cases[panel]?.(found) ?? false;
    report(`the panel "${panel}" finds its lines`, holds ? null : `${expr}\nfinds ${found.slice(0, 1_000)}`);
  }
  for (const [page, query] of documentedQueries()) {
    const asked = query
      .replaceAll('r-1', ORDER.requestId)
      .replace(/"trade-executor"|~"orchestrator\|/, (name) =>
        name.startsWith('~') ? `~"${service}|` : `"${service}"`,
      );
    const found = await answerOf(loki, asked).catch(String);
    report(`${page}: ${query}`, /^\[.+\]$/s.test(found) && found !== '[]' ? null : found.slice(0, 1_000));
  }
  expectEqual(
    report,
    'each line once',
    entries.length,
    new Set(entries.map(({ line, nanoseconds }) => `${nanoseconds} ${line}`)).size,
  );
}

async function answerOf(loki: LokiApi, query: string): Promise<string> {
  if (/^\s*(sum|topk)/.test(query))
    return `[${[...(await loki.sums(query))].map(([labels, sum]) => `${labels} ${sum}`).join(', ')}]`;
  return JSON.stringify((await loki.entries(query)).map(({ fields, line }) => ({ fields, line })));
}
