import { secretOf } from '../stand/edge-stand.ts';
import type { Running } from './run-cases.ts';

const ROUNDS = 6;
const REQUESTS = 200;
const PATH = '/status';

export interface Round {
  /** Milliseconds. */
  readonly direct: Figures;
  readonly edge: Figures;
}

interface Figures {
  readonly p50: number;
  readonly p99: number;
}

/**
 * The same question with the same token from the same container, in turn straight to the service and through the edge:
 * TLS, sign-in by oauth2-proxy, limits and headers. The first round only warms up.
 */
export async function measure(running: Running, say: (line: string) => void): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (let index = 0; index <= ROUNDS; index += 1) {
    const round = {
      direct: figures(await timed(running, 'direct')),
      edge: figures(await timed(running, 'edge')),
    };
    if (index > 0) {
      rounds.push(round);
      say(`round ${index}: direct ${shown(round.direct)}, edge ${shown(round.edge)}`);
    }
  }
  return rounds;
}

/** Medians over the rounds, and how many times longer it takes through the edge. */
export function summary(rounds: readonly Round[]): string {
  const median = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
  const ratio = of(({ direct, edge }) => edge.p99 / direct.p99);
  return (
    `p50 ${of(({ direct }) => direct.p50).toFixed(1)} ms directly, ${of(({ edge }) => edge.p50).toFixed(1)} ms by the edge; ` +
    `p99 ${of(({ direct }) => direct.p99).toFixed(1)} ms and ${of(({ edge }) => edge.p99).toFixed(1)} ms, ratio ${ratio.toFixed(2)} ` +
    `(medians of ${rounds.length} rounds of ${REQUESTS} requests)`
  );
}

async function timed(
  { stand, people, observer }: Running,
  way: 'direct' | 'edge',
): Promise<readonly number[]> {
  const host = `app.${stand.domain}`;
  const reply = await observer.ask(
    way === 'direct'
      ? {
          ...{ target: 'http://orchestrator:7001', method: 'GET', path: PATH, times: REQUESTS },
          headers: [
            ['Authorization', `Bearer ${await people.token('fresh', 'vera')}`],
            ['X-Edge-Secret', secretOf(stand, 'edge_secret_orchestrator')],
          ],
        }
      : {
          ...{ target: 'https://traefik:8443', method: 'GET', path: `/api/orchestrator${PATH}` },
          ...{ times: REQUESTS, tls: { servername: host } },
          headers: [
            ['Host', `${host}:${stand.ports.https}`],
            ['Cookie', await people.cookie('vera')],
          ],
        },
  );
  if (reply.status !== 200 || reply.tookMs?.length !== REQUESTS)
    throw new Error(`${way}: ${reply.error ?? reply.status} after ${reply.tookMs?.length} requests`);
  return reply.tookMs;
}

function figures(tookMs: readonly number[]): Figures {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

function shown({ p50, p99 }: Figures): string {
  return `p50 ${p50.toFixed(1)} ms p99 ${p99.toFixed(1)} ms`;
}
