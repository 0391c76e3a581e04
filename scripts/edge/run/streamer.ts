import { z } from 'zod';
import { until } from '../../compose/until.ts';
import { openRequest } from '../client/open-request.ts';
import { renderAnew } from '../stand/lifecycle.ts';
import type { Running } from './run-cases.ts';

const ORIGIN = 'http://streamer:7000';
const CONTROL = 'http://streamer:7001';
const TAKEN_UP_MS_MAX = 30_000;
/** As in production: the cases before need more. */
const USUAL_LIMITS = { EDGE_RATE_FACTOR: '1' };

const state = z.object({ seen: z.number(), held: z.number(), stuck: z.number(), flooded: z.number() });
type StreamerState = z.output<typeof state>;

/** What the streamer has seen. */
export async function streamer({ observer }: Running): Promise<StreamerState> {
  return state.parse(JSON.parse(await observer.get(`${CONTROL}/`)));
}

/** Lets it end every answer that it holds. */
export async function release({ observer }: Running): Promise<void> {
  const { status, error } = await observer.ask({ target: CONTROL, method: 'POST', path: '/', headers: [] });
  if (status !== 200) throw new Error(`the streamer's control: ${error ?? status}`);
}

export async function untilHeld(running: Running, count: number): Promise<void> {
  await until(TAKEN_UP_MS_MAX, running.signal, async () => {
    const { held } = await streamer(running);
    return held === count ? null : `${held} of ${count} are held`;
  });
}

/** Variables of the render by which these programs are the streamer. */
export function leading(programs: readonly string[]): Readonly<Record<string, string>> {
  return { ...USUAL_LIMITS, RENDER_UPSTREAMS: programs.map((name) => `${name}=${ORIGIN}`).join() };
}

/** From now on the edge's own routers lead to the streamer instead of these programs, with the limits of production. */
export async function leadToStreamer(running: Running, programs: readonly string[]): Promise<void> {
  await renderAnew(running.stand, leading(programs));
  await untilAnswers(running, (text) => text.startsWith('whole'));
}

/** The programs themselves again, and still the limits of production. */
export async function leadBack(running: Running): Promise<void> {
  await renderAnew(running.stand, USUAL_LIMITS);
  await untilAnswers(running, (text) => text.includes('orchestrator'));
}

async function untilAnswers(running: Running, isRight: (text: string) => boolean): Promise<void> {
  const { stand, people, signal } = running;
  await until(TAKEN_UP_MS_MAX, signal, async () => {
    const headers = { Cookie: await people.cookie('vera') };
    const asked = openRequest(stand, { host: 'app', path: '/api/orchestrator/status', headers });
    const status = await asked.whole().finally(() => asked.close());
    return status === 200 && isRight(asked.text) ? null : `${status} ${asked.text.slice(0, 100)}`;
  });
}
