import { safeError } from '@fleet/shared/errors';
import { z } from 'zod';
import type { Silence } from './incident.ts';

export type SilenceResult =
  | { readonly kind: 'done'; readonly alertmanagerId: string }
  | { readonly kind: 'retry'; readonly error: string }
  /** Alertmanager will never take it. */
  | { readonly kind: 'refused'; readonly error: string };

export type SetSilence = (silence: Silence, signal: AbortSignal) => Promise<SilenceResult>;

export interface AlertmanagerOptions {
  /** With its path prefix, if it has one. */
  readonly url: string;
  readonly user: string;
  readonly password?: string | undefined;
  readonly timeoutMs?: number;
}

const ANSWER_MS_MAX = 5_000;
const BYTES_MAX = 4 * 1024 * 1024;

const silencesSchema = z.array(
  z.looseObject({
    id: z.string().min(1).max(100),
    comment: z.string(),
    status: z.looseObject({ state: z.enum(['active', 'pending', 'expired']) }),
  }),
);
const createdSchema = z.looseObject({ silenceID: z.string().min(1).max(100) });

/**
 * Sets silences by Alertmanager's API v2 (its `api/v2/openapi.yaml`). Its comment carries the request's own id and is
 * looked for first: a request whose answer was lost makes no second silence.
 */
export function alertmanagerClient(options: AlertmanagerOptions): SetSilence {
  const base = `${options.url.replace(/\/+$/, '')}/api/v2/silences`;
  const call = (init: RequestInit, signal: AbortSignal) =>
    fetch(base, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs ?? ANSWER_MS_MAX)]),
      headers: { 'content-type': 'application/json', ...authorization(options) },
    });
  return async (silence, signal) => {
    try {
      const listed = await call({}, signal);
      if (!listed.ok) return failed(listed);
      const known = silencesSchema.parse(await json(listed));
      const mine = known.find(
        ({ comment, status }) => comment.includes(mark(silence)) && status.state !== 'expired',
      );
      if (mine !== undefined) return { kind: 'done', alertmanagerId: mine.id };
      const created = await call({ method: 'POST', body: JSON.stringify(bodyOf(silence)) }, signal);
      if (!created.ok) return failed(created);
      return { kind: 'done', alertmanagerId: createdSchema.parse(await json(created)).silenceID };
    } catch (error) {
      return { kind: 'retry', error: safeError(error).message.slice(0, 200) };
    }
  };
}

function bodyOf(silence: Silence) {
  const { matchers, requestedAt, requestedBy, hours } = silence;
  return {
    matchers,
    startsAt: new Date(requestedAt).toISOString(),
    endsAt: new Date(requestedAt + hours * 3_600_000).toISOString(),
    createdBy: requestedBy,
    comment: `${hours} h by button in Slack, incident ${silence.incidentId} ${mark(silence)}`,
  };
}

function mark({ id }: Silence): string {
  return `[${id}]`;
}

/** The request itself is at fault with 400 and 422; everything else may pass, a wrong password once somebody mends it. */
function failed(response: Response): SilenceResult {
  void response.body?.cancel();
  const error = `Alertmanager answered ${response.status}`;
  return response.status === 400 || response.status === 422
    ? { kind: 'refused', error }
    : { kind: 'retry', error };
}

async function json(response: Response): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > BYTES_MAX) throw new Error(`Alertmanager answered with more than ${BYTES_MAX} bytes`);
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString());
}

function authorization({ user, password }: AlertmanagerOptions): Record<string, string> {
  if (password === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}
