import type { Checklist } from '../../compose/checklist.ts';
import { until } from '../../compose/until.ts';
import type { RawAnswer } from '../client/raw-request.ts';
import { RUNBOOKS, secretOf } from '../stand/edge-stand.ts';
import { call, expectTold, told } from './client.ts';
import { ordersReady } from './outage-checks.ts';
import type { Running } from './run-cases.ts';

/** A page and an address of its API, each with a counter of Prometheus' own that nobody else moves. */
const PAGE = '/prometheus/version';
const API = '/prometheus/api/v1/status/buildinfo';
const COUNTED =
  /^prometheus_http_requests_total\{[^}]*handler="(\/version|\/api\/v1\/status\/buildinfo)"[^}]*\} (\d+)/gm;
const BACK_MS_MAX = 60_000;

/** The service that says whose certificate counts goes away: pages stay shut and say why, and orders go on. */
export async function checkCertifierAway(list: Checklist, running: Running): Promise<void> {
  await list.check('certifier away: pages are shut and lead to the runbook, a halt goes on', () =>
    away(running),
  );
}

async function away(running: Running): Promise<string> {
  const { stand, signal } = running;
  expectTold('the page before', await admin(running, PAGE), 200);
  expectTold('the API before', await admin(running, API), 200);
  const before = await counted(running);
  await stand.project.compose('stop', '--timeout', '5', 'notification-manager');
  try {
    const page = await admin(running, PAGE);
    expectTold('the page', page, 302);
    const location = page.kind === 'answer' ? page.headers.get('location')?.[0] : '';
    if (location !== `${RUNBOOKS}/notification-manager-down.md`) throw new Error(`it leads to ${location}`);
    expectTold('the API', await admin(running, API), 500);
    await ordersReady(running);
    expectTold('reduce', await admin(running, '/api/orchestrator/admin/orchestrate/reduce', 'POST'), 200);
    expectTold('unhalt', await admin(running, '/api/orchestrator/admin/orchestrate/unhalt', 'POST'), 200);
    const seen = (await counted(running)) - before;
    if (seen !== 0) throw new Error(`Prometheus has seen ${seen} requests`);
    return `${location}; Prometheus saw nothing; reduce and unhalt 200`;
  } finally {
    await stand.project.compose('start', 'notification-manager');
    await until(BACK_MS_MAX, signal, async () => {
      const found = told(await admin(running, PAGE));
      return found === 200 ? null : `the page: ${found}`;
    });
  }
}

/** The streamer stands for Prometheus and for the service that certifies, and answers 500 as Prometheus. */
export async function checkOwnFault(list: Checklist, running: Running): Promise<void> {
  await list.check('a page’s own fault is told apart from it, an API’s own is handed on', async () => {
    expectTold('the page', await admin(running, `${PAGE}?fault`), 502);
    expectTold('the API', await admin(running, `${API}?fault`), 500);
    expectTold('a page without a fault', await admin(running, PAGE), 200);
  });
}

async function admin(
  { stand, people }: Running,
  path: string,
  method: 'GET' | 'POST' = 'GET',
): Promise<RawAnswer> {
  return call(stand, {
    ...{ host: 'admin', path, method, certificate: 'anna' },
    ...(method === 'POST' ? { body: '{"reason":"edge test"}' } : {}),
    headers: [
      `Cookie: ${await people.cookie('anna')}`,
      ...(path.includes('/admin/') ? [`X-Admin-Token: ${secretOf(stand, 'admin_token')}`] : []),
    ],
  });
}

async function counted({ stand, observer }: Running): Promise<number> {
  const pair = `prometheus:${secretOf(stand, 'prometheus_password')}`;
  const { status, body } = await observer.ask({
    ...{ target: 'http://prometheus:9090', method: 'GET', path: '/prometheus/metrics' },
    headers: [['Authorization', `Basic ${Buffer.from(pair).toString('base64')}`]],
  });
  const rows = [...body.matchAll(COUNTED)];
  if (rows.length === 0) throw new Error(`Prometheus counts no such request (${status})`);
  return rows.reduce((sum, [, , count]) => sum + Number(count), 0);
}
