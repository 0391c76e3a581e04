import type { Checklist } from '../../compose/checklist.ts';
import { until } from '../../compose/until.ts';
import { type Asked, edgeAgent, openRequest } from '../client/open-request.ts';
import { evidence } from './evidence.ts';
import type { Running } from './run-cases.ts';
import { release, streamer, untilHeld } from './streamer.ts';

interface Class {
  readonly name: string;
  readonly asked: Omit<Asked, 'headers' | 'agent'>;
  /** Whose session; absent where nobody signs in. */
  readonly person?: 'vera' | 'anna';
  /** At once, of one address. */
  readonly max: number;
}

/** Of scripts/render/edge-middlewares.ts, as production has them. Of writes the rate is met before. */
const AT_ONCE: readonly Class[] = [
  { name: 'calls', asked: { host: 'app', path: '/api/orchestrator/status' }, person: 'vera', max: 20 },
  {
    ...{ name: 'admin-calls', person: 'anna', max: 20 },
    asked: { host: 'admin', path: '/api/orchestrator/status', certificate: 'anna' },
  },
  { name: 'streams', asked: { host: 'app', path: '/api/orchestrator/events' }, person: 'vera', max: 10 },
  { name: 'pages', asked: { host: 'grafana', path: '/api/health' }, person: 'vera', max: 60 },
  { name: 'slack', asked: { host: 'app', path: '/slack/interactions', method: 'POST' }, max: 20 },
];
const IN_FLIGHT_TEXT = 'max connections reached';
const FREE_MS_MAX = 10_000;

/** The streamer stands for the programs and holds its answers. */
export async function checkInFlight(list: Checklist, running: Running): Promise<void> {
  for (const one of AT_ONCE)
    await list.check(
      `limit.in-flight-${one.name}: one more than ${one.max} at once is refused by traefik`,
      () => inFlight(running, one),
    );
}

async function inFlight(running: Running, { asked, person, max }: Class): Promise<string> {
  const { stand, people, signal } = running;
  const headers = person === undefined ? {} : { Cookie: await people.cookie(person) };
  const ask = (query = '') => openRequest(stand, { ...asked, path: `${asked.path}${query}`, headers });
  const before = await streamer(running);
  const held = Array.from({ length: max }, () => ask('?hold'));
  try {
    await untilHeld(running, max);
    const refused = ask();
    const status = await refused.whole();
    const after = await streamer(running);
    if (status !== 429 || !refused.text.includes(IN_FLIGHT_TEXT))
      throw new Error(`429 for the number at once was expected: ${status} ${refused.text.slice(0, 100)}`);
    if (after.seen !== before.seen + max) throw new Error(`${after.seen - before.seen} were seen behind`);
    const other = await fromElsewhere(running, asked, headers);
    if (other !== 200) throw new Error(`another address meanwhile: ${other}`);
    await release(running);
    const answers = await Promise.all(held.map((one) => one.whole()));
    if (answers.some((each) => each !== 200)) throw new Error(`those held: ${answers.join()}`);
    await until(FREE_MS_MAX, signal, async () => {
      const again = ask();
      const passed = await again.whole().finally(() => again.close());
      return passed === 200 ? null : `after the release: ${passed}`;
    });
    return `${max} × 200, 1 × 429 that nobody saw behind; another address 200; after the release 200`;
  } finally {
    for (const one of held) one.close();
  }
}

/** From a container that Traefik sees with an address of its own. */
async function fromElsewhere(
  { stand, observer }: Running,
  { host, path, method = 'GET', certificate }: Class['asked'],
  headers: Readonly<Record<string, string>>,
): Promise<number | string> {
  const own = certificate === undefined ? undefined : stand.certificates.clients.get(certificate);
  const admin = host === 'admin';
  const port = admin ? stand.ports.admin : stand.ports.https;
  const reply = await observer.ask({
    ...{ target: `https://traefik:${admin ? 9443 : 8443}`, method, path },
    headers: [['Host', `${host}.${stand.domain}:${port}`], ...Object.entries(headers)],
    tls: { servername: `${host}.${stand.domain}`, ...own },
  });
  return reply.status ?? reply.error ?? 'nothing';
}

interface Rate {
  readonly name: string;
  readonly asked: Omit<Asked, 'headers' | 'agent'>;
  /** Requests a second, and at once before that. */
  readonly average: number;
  readonly burst: number;
  /** What the layer behind answers without a sign-in; it counts it, too. */
  readonly passes: number;
}

const RATES: readonly Rate[] = [
  {
    ...{ name: 'sign-in', average: 2, burst: 20, passes: 302 },
    asked: { host: 'app', path: '/oauth2/start?rd=%2F' },
  },
  {
    ...{ name: 'write', average: 2, burst: 10, passes: 401 },
    asked: { host: 'app', path: '/api/orchestrator/orchestrate/run', method: 'POST' },
  },
  {
    ...{ name: 'read', average: 20, burst: 60, passes: 401 },
    asked: { host: 'app', path: '/api/risk-manager/status' },
  },
  {
    ...{ name: 'admin', average: 5, burst: 30, passes: 401 },
    asked: { host: 'admin', path: '/api/orchestrator/status', certificate: 'anna' },
  },
  {
    ...{ name: 'slack', average: 10, burst: 40, passes: 401 },
    asked: { host: 'app', path: '/slack/interactions', method: 'POST' },
  },
  {
    ...{ name: 'page', average: 50, burst: 300, passes: 401 },
    asked: { host: 'grafana', path: '/api/health' },
  },
];
const CLIENTS = 8;
const FILLED_MS_MAX = 20_000;

/** Nobody is signed in, so what passes Traefik is refused and counted by the next layer: exactly that many came to it. */
export async function checkRates(
  list: Checklist,
  running: Running,
  say: (line: string) => void,
): Promise<void> {
  for (const rate of RATES) {
    const { name, burst, average } = rate;
    const filled = fill(running, rate);
    const slow = await filled.then(
      (found) => found.refused === 0 && found.passed <= allowed(rate, found),
      () => false,
    );
    if (slow) say(`left out limit.rate-${name}: this machine asks less than ${average} times a second`);
    else
      await list.check(
        `limit.rate-${name}: more than ${burst} and ${average} a second are refused by traefik`,
        async () => rateHolds(running, rate, await filled),
      );
  }
}

interface Filled {
  readonly passed: number;
  readonly refused: number;
  readonly seconds: number;
  /** What the layers behind have counted meanwhile. */
  readonly behind: number;
}

/** One may wait for half a turn. */
function allowed({ burst, average }: Rate, { seconds }: Pick<Filled, 'seconds'>): number {
  return burst + average * seconds + 1;
}

/** Asks as fast as it can until one is refused, or too many have passed, or it is clear that it asks too slowly. */
async function fill({ stand, observer, signal }: Running, rate: Rate): Promise<Filled> {
  const { asked, passes } = rate;
  const before = await evidence(observer);
  const began = performance.now();
  let [passed, refused] = [0, 0];
  const spent = (): number => (performance.now() - began) / 1_000;
  const goesOn = (): boolean =>
    refused === 0 && spent() * 1_000 < FILLED_MS_MAX && passed <= allowed(rate, { seconds: spent() });
  const client = async (): Promise<void> => {
    const agent = edgeAgent(stand, asked.host, asked.certificate);
    while (goesOn()) {
      signal.throwIfAborted();
      const one = openRequest(stand, { ...asked, agent });
      const status = await one.whole();
      if (status === passes) passed += 1;
      else if (status === 429) refused += 1;
      else throw new Error(`${status} ${one.text.slice(0, 100)}`);
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const seconds = spent();
  const after = await evidence(observer);
  const behind = after.proxy - before.proxy + after.services - before.services;
  return { passed, refused, seconds, behind };
}

async function rateHolds(running: Running, rate: Rate, found: Filled): Promise<string> {
  const { stand, signal } = running;
  const { passed, refused, seconds, behind } = found;
  const told = `${passed} passed in ${seconds.toFixed(1)} s, ${refused} × 429`;
  if (behind !== passed) throw new Error(`${told}, and behind it ${behind} were counted`);
  if (passed < rate.burst || passed > allowed(rate, found)) throw new Error(told);
  await until(FREE_MS_MAX, signal, async () => {
    const again = openRequest(stand, rate.asked);
    const status = await again.whole().finally(() => again.close());
    return status === rate.passes ? null : `a moment later: ${status}`;
  });
  return `${told} that nobody saw behind; a moment later one passes`;
}
