import { setTimeout as sleep } from 'node:timers/promises';
import type { Checklist } from '../../compose/checklist.ts';
import { until } from '../../compose/until.ts';
import { ID_TOKEN_LIFE, secretOf } from '../stand/edge-stand.ts';
import { call, expectTold } from './client.ts';
import { provider } from './provider-control.ts';
import type { Running } from './run-cases.ts';

const PENDING = '/api/orchestrator/admin/streams/pending';
const STATUS = '/api/orchestrator/status';
const TOKEN_ENDED_MS = (ID_TOKEN_LIFE + 7) * 1_000;
/** From the order to its confirmation by the executor. */
const BREAK_GLASS_MS_MAX = 5_000;
const READY_MS_MAX = 60_000;
/** Who takes an order, and who confirms it. */
const DECIDING = ['http://orchestrator:7001', 'http://trade-executor:7005'];

/** The identity provider goes away, with a halt to be given, and comes back. */
export async function checkOutage(list: Checklist, running: Running): Promise<void> {
  const { stand, people, signal } = running;
  const { id_token } = await people.programSignIn('fleet-cli', 'anna');
  const session = people.sessionOf(await people.signIn('anna'));
  const byToken = (certificate: 'anna' | 'expired' = 'anna') =>
    call(stand, {
      ...{ host: 'admin', path: PENDING, certificate },
      headers: [`Authorization: Bearer ${id_token}`, `X-Admin-Token: ${secretOf(stand, 'admin_token')}`],
    });
  const byCookie = () => call(stand, { host: 'app', path: STATUS, headers: [`Cookie: ${session}`] });
  await provider(stand, { up: false });
  await list.check('provider down: live sessions and ops_cli’s live token go on', async () => {
    expectTold('the session', await byCookie(), 200);
    expectTold('the token', await byToken(), 200);
  });
  await sleep(TOKEN_ENDED_MS, undefined, { signal });
  await list.check('provider down: an ended token is no sign-in any more', async () => {
    expectTold('the session', await byCookie(), 401);
    expectTold('the token', await byToken(), /^40[13]$/);
    expectTold('an expired certificate', await byToken('expired'), /CERTIFICATE_EXPIRED/);
  });
  await list.check('provider down, certificate expired: break-glass halts within 5 s', () =>
    breakGlass(running),
  );
  await list.check('the provider is back: somebody signs in and lifts the halt', () => liftHalt(running));
}

/** A machine that is busy with other things may have cost the two their leases; that is another test's. */
export async function ordersReady({ observer, signal }: Running): Promise<void> {
  await until(READY_MS_MAX, signal, async () => {
    await Promise.all(DECIDING.map((origin) => observer.get(`${origin}/ready`)));
    return null;
  });
}

async function breakGlass(running: Running): Promise<string> {
  const { stand } = running;
  await ordersReady(running);
  const began = performance.now();
  const { stdout, all } = await stand.project.compose(
    ...['exec', '-T', 'orchestrator', 'node', 'ops_cli.js', 'orch:halt', '--break-glass'],
    ...['--reason', 'edge test', '--by', 'anna'],
  );
  const tookMs = Math.round(performance.now() - began);
  if (!/confirmed\W+true/.test(stdout)) throw new Error(`it was not confirmed:\n${all}`);
  if (tookMs > BREAK_GLASS_MS_MAX) throw new Error(`it took ${tookMs} ms:\n${all}`);
  return `${tookMs} ms, docker compose exec included`;
}

async function liftHalt(running: Running): Promise<void> {
  const { stand, people } = running;
  await provider(stand, { up: true });
  const cookie = people.sessionOf(await people.signIn('anna'));
  await ordersReady(running);
  const answer = await call(stand, {
    ...{ host: 'admin', path: '/api/orchestrator/admin/orchestrate/unhalt', method: 'POST' },
    ...{ certificate: 'anna', body: '{"reason":"edge test is over"}' },
    headers: [`Cookie: ${cookie}`, `X-Admin-Token: ${secretOf(stand, 'admin_token')}`],
  });
  expectTold('unhalt', answer, 200);
}
