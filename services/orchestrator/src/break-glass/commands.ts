import { randomUUID } from 'node:crypto';
import { childTraceparent, type Logger } from '@fleet/shared/telemetry';
import { z } from 'zod';
import type { OrchestratorDeps } from '../http/deps.ts';
import { haltConfirmed } from '../http/halt.ts';
import { command } from '../http/persons.ts';
import { tradingView } from '../http/schemas.ts';

const asked = z.strictObject({
  reason: z.string().trim().min(1, 'must say why').max(200),
  /** A claim: who may open the socket is the proof. */
  by: z
    .string()
    .trim()
    .regex(/^[\w.@+-]{1,80}$/, 'must be a name or an address')
    .default('unnamed'),
});

/** The ways down, and no way up: what lifts a halt needs a person whom the edge knows. */
const WAYS_DOWN = { '/halt': halt, '/reduce': reduce } as const;
type Way = keyof typeof WAYS_DOWN;

export const PATHS = Object.keys(WAYS_DOWN);

export interface BreakGlassParts {
  readonly deps: OrchestratorDeps;
  readonly logger: Logger;
  /** Aborted when the service stops. */
  readonly signal: AbortSignal;
}

interface Call extends BreakGlassParts {
  readonly reason: string;
  readonly actor: string;
  readonly requestId: string;
  readonly traceparent: string;
}

export function isWayDown(path: string): path is Way {
  return Object.hasOwn(WAYS_DOWN, path);
}

/** Carries out a command of the socket. Throws a ZodError for a faulty body, and the refusals of the ordinary routes. */
export async function breakGlass(parts: BreakGlassParts, path: Way, body: unknown): Promise<object> {
  const { reason, by } = asked.parse(body);
  const actor = `break-glass:${by}`;
  const [requestId, traceparent] = [randomUUID(), childTraceparent(undefined)];
  parts.logger.warn({ requestId, actor, path }, 'break-glass used');
  return WAYS_DOWN[path]({ ...parts, reason, actor, requestId, traceparent });
}

async function halt(call: Call): Promise<object> {
  const { deps } = call;
  const { kind, trading } = await command(deps, call, 'person.halt', byGlass(call), { flatten: false });
  const confirmed = await haltConfirmed(deps, call, trading.epoch);
  return { confirmed, changed: kind === 'done', trading: tradingView(trading) };
}

async function reduce(call: Call): Promise<object> {
  const { kind, trading } = await command(call.deps, call, 'person.reduce', byGlass(call), {});
  return { changed: kind === 'done', trading: tradingView(trading) };
}

function byGlass({ reason, actor }: Call) {
  return { reason, actor, breakGlass: true };
}
