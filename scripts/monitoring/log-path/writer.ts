import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError } from '@fleet/shared/errors';
import { createServiceApp, endpoint, NotReady } from '@fleet/shared/http';
import { createLogger, createMetrics } from '@fleet/shared/telemetry';
import {
  CLOSE_TO_SPLIT_BYTES,
  CODE,
  ORDER,
  PLANTED,
  planted,
  SPLIT_BYTES,
  type WriterTask,
} from './written.ts';

/** Runs in a container of the log path's test: what it prints is what a service prints, by a service's own code. */
const task = JSON.parse(process.argv[2] ?? '{}') as WriterTask;
const { run, service } = task;
const logger = createLogger({ service, level: 'trace', version: '1.0.0' }).child({ run });

if (task.kind === 'steady') await writeSteadily(task);
else await writeEveryKind();

/** Numbered lines without an end; the last says how many there were. Its container is stopped, not removed. */
async function writeSteadily({
  waitMs,
  everyMs,
  padBytes,
}: Extract<WriterTask, { kind: 'steady' }>): Promise<void> {
  let [count, stopped] = [0, false];
  process.once('SIGTERM', () => {
    stopped = true;
  });
  const pad = 'x'.repeat(padBytes);
  for (; !stopped; count += 1) {
    logger.info({ n: count, pad }, 'steady');
    await sleep(count === 0 ? waitMs : everyMs);
  }
  logger.info({ total: count }, 'steady ends');
}

async function writeEveryKind(): Promise<void> {
  const { requestId, traceId, orderId, cycle } = ORDER;
  logger.info({ requestId, traceId, orderId: orderId(run), cycle, case: 'ids' }, 'order sent');
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const)
    logger[level]({ case: 'levels' }, `at ${level}`);
  logger.error({ err: new FleetError('it is refused', { code: CODE }), case: 'code' });
  logger.info({ case: 'cut', texts: Array.from({ length: 9 }, () => 'y'.repeat(3_000)) }, 'long');
  for (const [index, text] of PLANTED.entries()) writePlanted(text, index);
  await answerRequests();
  // What other makers' programs print, and lines at the log driver's edge.
  process.stderr.write(`plain words of ${run}\n`);
  process.stdout.write(rawLine('below', CLOSE_TO_SPLIT_BYTES));
  process.stdout.write(rawLine('above', SPLIT_BYTES));
  logger.info({ case: 'end' }, 'everything is written');
}

/** One secret by every way that a line has. */
function writePlanted(text: string, index: number): void {
  const { secret, person } = planted(run, index);
  const sent = text.replaceAll('SECRET', secret).replaceAll('PERSON', person);
  logger.info({ case: 'planted', text: sent, list: [{ deep: sent }] }, sent);
  logger.warn({ case: 'planted', password: secret, headers: { Authorization: secret, cookie: secret } }, 'x');
  logger.error(
    Object.assign(new Error(sent), { config: { headers: { 'X-Admin-Token': secret } } }),
    'failed',
  );
  logger.child({ apiKey: secret, contact: person }).info({ case: 'planted' }, 'sent %s', sent);
}

/** Requests to a service's own application: one answered with 503, one refused and one granted admin command. */
async function answerRequests(): Promise<void> {
  const { requestId, traceId } = ORDER;
  const { secret } = planted(run, 0);
  const app = createServiceApp({
    ...{ service, version: '1.0.0', host: '127.0.0.1', port: 0, logger, adminToken: secret, deps: undefined },
    metrics: createMetrics({ service, version: '1.0.0', defaultMetrics: false }),
    endpoints: [
      endpoint({
        ...{ method: 'post', path: '/busy', summary: 'Busy', idempotent: false },
        handle: () => {
          throw new NotReady();
        },
      }),
      endpoint({
        ...{ method: 'post', path: '/admin/halt', summary: 'Halt', idempotent: false },
        handle: () => undefined,
      }),
    ],
    health: async () => ({ dependencies: [] }),
    ready: async () => ({ ready: true, missing: [] }),
    status: async () => ({}),
  });
  const listening = await app.listen();
  const post = (path: string, token: string) =>
    fetch(`http://127.0.0.1:${listening.port}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-request-id': requestId,
        traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
        'x-admin-token': token,
      },
      body: '{}',
    });
  await post('/busy', '');
  await post('/admin/halt', 'a-wrong-token-of-somebody');
  await post('/admin/halt', secret);
  await listening.close();
}

/** A JSON line of exactly so many bytes, its newline included. */
function rawLine(kind: string, bytes: number): string {
  const fields = {
    level: 'info',
    time: new Date().toISOString(),
    service,
    run,
    case: `edge-${kind}`,
    pad: '',
  };
  const pad = 'z'.repeat(bytes - JSON.stringify({ ...fields, end: run }).length - 1);
  return `${JSON.stringify({ ...fields, pad, end: run })}\n`;
}
