import { z } from 'zod';
import { defineError } from '../errors/index.ts';
import { createLogger, createMetrics, type Metrics } from '../telemetry/index.ts';
import {
  type AuditEntry,
  createServiceApp,
  endpoint,
  memoryIdempotencyStore,
  NotFound,
  rawEndpoint,
  reply,
  type ServiceApp,
  type ServiceAppOptions,
} from './index.ts';

export const ADMIN_TOKEN = 'the-admin-token-of-the-test';
export const LEAK = 'hunter2-top-secret-value';

const LampBusy = defineError({
  code: 'TEST_LAMP_BUSY',
  title: 'The lamp is busy',
  status: 503,
  retry: 'retry',
  action: 'Try again.',
});

export interface Lamps {
  readonly switched: string[];
  /** Resolved by a test to let a waiting handler go on. */
  gate: Promise<void>;
  /** Resolves when the first handler waits at the gate. */
  readonly entered: Promise<void>;
  readonly enter: () => void;
}

export const lampEndpoints = [
  endpoint({
    method: 'get',
    path: '/lamps/{id}',
    summary: 'One lamp',
    params: z.object({ id: z.string().regex(/^[a-z]+$/) }),
    query: z.object({ detail: z.enum(['short', 'long']).default('short') }),
    response: z.object({ id: z.string(), detail: z.string(), inner: z.object({ on: z.boolean() }) }),
    errors: ['NOT_FOUND'],
    handle: (_lamps: Lamps, { params, query }) => {
      if (params.id === 'none') throw new NotFound('there is no such lamp');
      // `secret` is not in the schema: it must not reach the client.
      return { id: params.id, detail: query.detail, inner: { on: true, secret: LEAK }, secret: LEAK };
    },
  }),
  endpoint({
    method: 'post',
    path: '/lamps',
    summary: 'Switch a lamp',
    body: z.object({
      name: z.string().min(1),
      watts: z.int().positive().optional(),
      place: z.object({ room: z.string() }).optional(),
    }),
    response: z.object({ name: z.string(), count: z.int() }),
    status: 201,
    handle: async (lamps: Lamps, { body }) => {
      lamps.enter();
      await lamps.gate;
      lamps.switched.push(body.name);
      if (body.name === 'busy') throw new LampBusy();
      if (body.name === 'broken') throw new Error(`vendor said ${LEAK}`);
      return { name: body.name, count: lamps.switched.length };
    },
  }),
  endpoint({
    method: 'post',
    path: '/lamps/all-off',
    summary: 'Switch all off',
    idempotent: 'required',
    handle: (lamps: Lamps) => {
      lamps.switched.push('off');
    },
  }),
  endpoint({
    method: 'post',
    path: '/check',
    summary: 'No effect',
    idempotent: false,
    responses: { 202: { description: 'Later', schema: z.object({ later: z.boolean() }) } },
    handle: () => reply(202, { later: true }, { 'X-Later': 'yes' }),
  }),
  endpoint({
    method: 'get',
    path: '/wrong-answer',
    summary: 'Breaks its contract',
    response: z.object({ count: z.number() }),
    handle: () => ({ count: LEAK as unknown as number }),
  }),
  endpoint({
    method: 'get',
    path: '/undeclared',
    summary: 'Answers with a status nobody declared',
    handle: () => reply(207, { text: LEAK }),
  }),
  endpoint({
    method: 'get',
    path: '/slow',
    summary: 'Never answers',
    timeoutMs: 10,
    handle: (_lamps: Lamps, { context }) =>
      new Promise<undefined>((resolve) => context.signal.addEventListener('abort', () => resolve(undefined))),
  }),
  endpoint({
    method: 'post',
    path: '/admin/lamps/halt',
    summary: 'Admin',
    body: z.object({ reason: z.string().optional() }),
    response: z.object({ halted: z.literal(true), admin: z.boolean() }),
    handle: (_lamps: Lamps, { context }) => ({ halted: true, admin: context.admin }),
  }),
  rawEndpoint({
    method: 'post',
    path: '/raw',
    summary: 'Reads the body itself',
    consumes: 'text/plain',
    produces: 'text/plain',
    handle: async (_lamps: Lamps, request, response, context) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.type('text/plain').send(`${Buffer.concat(chunks).toString()} ${context.requestId.length > 0}`);
    },
  }),
] as const;

export interface TestApp extends ServiceApp {
  readonly lamps: Lamps;
  readonly audited: AuditEntry[];
  readonly metrics: Metrics;
  /** All lines written. */
  readonly log: string[];
}

export function lampApp(change: Partial<ServiceAppOptions<Lamps>> = {}): TestApp {
  const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
  const lamps: Lamps = { switched: [], gate: Promise.resolve(), entered, enter };
  const audited: AuditEntry[] = [];
  const log: string[] = [];
  const metrics = createMetrics({ service: 'lamps', version: '1.0.0', defaultMetrics: false });
  const app = createServiceApp<Lamps>({
    service: 'lamps',
    version: '1.0.0',
    description: 'Lamps',
    host: '127.0.0.1',
    port: 0,
    logger: createLogger({
      service: 'lamps',
      level: 'trace',
      destination: { write: (line) => log.push(line) },
    }),
    metrics,
    adminToken: ADMIN_TOKEN,
    endpoints: lampEndpoints,
    deps: lamps,
    health: async () => ({ dependencies: [{ name: 'redis', status: 'up', latencyMs: 1 }] }),
    ready: async () => ({ ready: true, missing: [] }),
    status: async () => ({ role: 'leader', lag: 3 }),
    audit: (entry) => void audited.push(entry),
    idempotency: memoryIdempotencyStore(),
    ...change,
  });
  return { ...app, lamps, audited, metrics, log };
}
