import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import type { Checklist } from '../../compose/checklist.ts';
import { openSpace, type Space } from '../../compose/outside.ts';
import { until } from '../../compose/until.ts';
import type { AgentProcess } from '../agent/agent-process.ts';
import { rawRequest } from '../client/raw-request.ts';
import { secretOf } from '../stand/edge-stand.ts';
import { told } from './client.ts';
import type { Running } from './run-cases.ts';

const PENDING = '/api/orchestrator/admin/streams/pending';
/** Traefik's entry point inside. */
const ADMIN_ENTRY = 9443;
const RECORDED_MS_MAX = 30_000;
const FORGED = '203.0.113.77';
const FORGERIES: readonly (readonly [string, string])[] = [
  ['X-Forwarded-For', FORGED],
  ['X-Forwarded-For', `${FORGED}, 127.0.0.1`],
  ['X-Real-Ip', FORGED],
  ['Forwarded', `for=${FORGED}`],
];

/** Whose address a service writes down; and that nobody comes in by IPv6, of whom it would not know. */
export async function checkAddresses(
  list: Checklist,
  running: Running,
  say: (line: string) => void,
): Promise<void> {
  const { stand, observer } = running;
  const inside = await traefikAddress(running);
  await list.check('address.container: a call is recorded under the address that it came from', () =>
    recordedTruly(running, observer, `https://${inside}:${ADMIN_ENTRY}`),
  );
  const space = await openSpace(randomBytes(3).toString('hex'));
  if (space === undefined)
    say('left out address.published-port: only root makes a client beyond this machine');
  else {
    const client = stand.agentIn(space.name);
    try {
      await list.check('address.published-port: so is one from beyond this machine', () =>
        fromBeyond(running, client, space),
      );
    } finally {
      client.close();
      await space.close();
    }
  }
  await list.check('address.ipv6: the ports are there on IPv4 and not on IPv6', () => notByIpv6(running));
}

/** Through the port that production publishes; from this machine itself Docker's proxy would stand between. */
async function fromBeyond(running: Running, client: AgentProcess, { near, far }: Space): Promise<string> {
  const found = await recordedTruly(running, client, `https://${near}:${running.stand.ports.admin}`);
  if (!found.startsWith(`${far},`)) throw new Error(`${found} instead of ${far}`);
  return found;
}

/** Once as it is and once with other addresses in the headers: the twin differs in these. */
async function recordedTruly(running: Running, client: AgentProcess, target: string): Promise<string> {
  const plain = await recorded(running, client, { target, forged: [] });
  const forged = await recorded(running, client, { target, forged: FORGERIES });
  for (const { own, found } of [plain, forged])
    if (own === '' || found.log !== own || found.row !== own)
      throw new Error(`the client had ${own}; log ${found.log}, row ${found.row}`);
  return `${plain.own}, in log and row; ${FORGERIES.length} headers with ${FORGED} change nothing`;
}

interface Told {
  readonly own: string;
  readonly found: { readonly log: string; readonly row: string };
}

async function recorded(
  { stand, people, signal }: Running,
  client: AgentProcess,
  { target, forged }: { target: string; forged: typeof FORGERIES },
): Promise<Told> {
  const id = `edge-address-${randomBytes(6).toString('hex')}`;
  const servername = `admin.${stand.domain}`;
  const reply = await client.ask({
    ...{ target, method: 'GET', path: PENDING },
    headers: [
      ['Host', `${servername}:${stand.ports.admin}`],
      ['Authorization', `Bearer ${await people.token('fresh', 'anna')}`],
      ['X-Admin-Token', secretOf(stand, 'admin_token')],
      ['X-Request-Id', id],
      ...forged,
    ],
    tls: { servername, ...stand.certificates.clients.get('anna') },
  });
  if (reply.status !== 200)
    throw new Error(`${target}: ${reply.error ?? reply.status} ${reply.body.slice(0, 200)}`);
  let found = { log: '', row: '' };
  await until(RECORDED_MS_MAX, signal, async () => {
    found = { log: await inLog(stand, id), row: await inTable(stand, id) };
    return found.log !== '' && found.row !== '' ? null : `${id} is recorded in log or row alone`;
  });
  return { own: reply.address ?? '', found };
}

async function inLog({ project }: Running['stand'], id: string): Promise<string> {
  const { stdout } = await project.compose('logs', '--no-color', '--no-log-prefix', 'orchestrator');
  const line = stdout.split('\n').find((text) => text.includes(id) && text.includes('"audit"')) ?? '';
  return /"address":"([^"]*)"/.exec(line)?.[1] ?? '';
}

async function inTable({ project }: Running['stand'], id: string): Promise<string> {
  const query = `select address from orchestrator.access_calls where request_id = '${id}'`;
  const psql = ['psql', '--username', 'fleet_admin', '--dbname', 'fleet', '--tuples-only', '--no-align'];
  return (await project.compose('exec', '-T', 'postgres', ...psql, '--command', query)).stdout.trim();
}

async function traefikAddress({ stand }: Running): Promise<string> {
  const { stdout } = await stand.project.compose(
    'exec',
    '-T',
    'observer',
    'node',
    '--eval',
    "require('node:dns').lookup('traefik', { family: 4 }, (_, address) => console.log(address))",
  );
  return stdout.trim();
}

async function notByIpv6({ stand }: Running): Promise<string> {
  const { NetworkSettings } = await stand.project.inspect('traefik');
  const hosts = Object.values(NetworkSettings.Ports).flatMap((ports) =>
    (ports ?? []).map(({ HostIp }) => HostIp),
  );
  if (hosts.length !== 3 || hosts.some((host) => host !== '0.0.0.0'))
    throw new Error(`published at ${hosts.join(', ')}`);
  if (!(await hasIpv6())) return 'published at 0.0.0.0 alone; this machine has no IPv6 to try it';
  for (const port of [stand.ports.http, stand.ports.https, stand.ports.admin]) {
    const parts = ['GET / HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n'];
    const four = told(await rawRequest({ port, parts }));
    if (typeof four !== 'number') throw new Error(`127.0.0.1:${port}: ${four}`);
    const six = told(await rawRequest({ port, parts, host: '::1' }));
    if (six !== 'ECONNREFUSED') throw new Error(`[::1]:${port}: ${six}`);
  }
  return '0.0.0.0 alone; [::1] refuses where 127.0.0.1 answers';
}

/** Whether anything on this machine could answer there. */
function hasIpv6(): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(0, '::1', () => server.close(() => resolve(true)));
  });
}
