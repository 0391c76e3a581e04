import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { askJson, HttpFailure } from './http-json.ts';
import { RunFailure } from './run-failure.ts';
import { SERVICE_NAMES, type ServiceName, type ServiceUrls } from './services.ts';

export interface ReadyWait {
  readonly urls: ServiceUrls;
  readonly controlUrl: string;
  readonly logs: string;
  readonly say: (line: string) => void;
  /** Aborted when there is nothing to wait for any more. */
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

const POLL_MS = 100;
const TIMEOUT_MS = 120_000;
/** A line about the wait only when it lasts: most starts are quicker. */
const SAY_EVERY_MS = 3_000;

/** A problem document says in `detail` what is missing. */
const notReadyBody = z.looseObject({ detail: z.string() });

/** Resolves when the simulator answers and every service says that it can do its job. */
export async function waitForReady(wait: ReadyWait): Promise<void> {
  const { urls, controlUrl, say, signal } = wait;
  const begun = performance.now();
  let saidAt = begun;
  for (;;) {
    signal.throwIfAborted();
    const missing = await stillMissing(urls, controlUrl);
    if (missing.length === 0) {
      say(
        `all ${SERVICE_NAMES.length} services are ready after ${((performance.now() - begun) / 1000).toFixed(1)} s`,
      );
      return;
    }
    const now = performance.now();
    if (now - begun > (wait.timeoutMs ?? TIMEOUT_MS))
      throw new RunFailure(
        `the fleet does not become ready:\n  ${missing.join('\n  ')}`,
        `read the logs in ${wait.logs}`,
      );
    if (now - saidAt > SAY_EVERY_MS) {
      saidAt = now;
      say(`waiting for ${missing.join('; ')}`);
    }
    await sleep(POLL_MS);
  }
}

/** Why a service is not ready, in its own words; null when it is. */
export async function notReady(name: ServiceName, url: string): Promise<string | null> {
  try {
    await askJson(`${url}/ready`);
    return null;
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    if (error.status === 0) return `${name}: does not answer yet`;
    return `${name}: ${notReadyBody.safeParse(error.body).data?.detail ?? error.message}`;
  }
}

async function stillMissing(urls: ServiceUrls, controlUrl: string): Promise<string[]> {
  const simulator = askJson(`${controlUrl}/control/status`).then(
    () => null,
    () => 'simulator: does not answer yet',
  );
  const services = SERVICE_NAMES.map((name) => notReady(name, urls[name]));
  return (await Promise.all([simulator, ...services])).filter((words) => words !== null);
}
