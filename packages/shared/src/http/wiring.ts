import type { AccessControl } from '../access/index.ts';
import { COMMON_PATHS } from './common-routes.ts';
import type { Endpoint } from './endpoint.ts';
import { IDEMPOTENCY_LEASE_MS } from './idempotency.ts';

export interface Wiring<Deps> {
  readonly service: string;
  readonly endpoints: readonly Endpoint<Deps>[];
  readonly idempotency?: unknown;
  readonly access?: AccessControl | undefined;
}

/** Throws a TypeError where the parts do not fit: a start with incomplete wiring fails instead of a request. */
export function assertWired<Deps>(wiring: Wiring<Deps>): void {
  assertDistinct(wiring);
  assertKeysKept(wiring);
  wiring.access?.assertRoutes(routesOf(wiring.endpoints));
}

/** Every route that a service answers, as `GET /cycles/{id}`; the four that all services have come first. */
export function routesOf(endpoints: readonly Pick<Endpoint<never>, 'method' | 'path'>[]): readonly string[] {
  return [
    ...COMMON_PATHS.map((path) => `GET ${path}`),
    ...endpoints.map(({ method, path }) => `${method.toUpperCase()} ${path}`),
  ];
}

function assertDistinct<Deps>({ service, endpoints }: Wiring<Deps>): void {
  const seen = new Set<string>(COMMON_PATHS.map((path) => `get ${path}`));
  for (const { method, path } of endpoints) {
    const address = `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`;
    if (seen.has(address))
      throw new TypeError(`${service}: two endpoints at ${method.toUpperCase()} ${path}`);
    seen.add(address);
  }
}

function assertKeysKept<Deps>({ service, endpoints, idempotency }: Wiring<Deps>): void {
  for (const endpoint of endpoints) {
    if (endpoint.kind !== 'json' || endpoint.idempotent === false) continue;
    const name = `${service}: ${endpoint.method.toUpperCase()} ${endpoint.path}`;
    if (idempotency === undefined) {
      throw new TypeError(
        `${name} honours Idempotency-Key, but createServiceApp got no idempotency store: pass ` +
          'postgresIdempotencyStore(pool), or declare idempotent: false where there is no effect',
      );
    }
    // A request whose lease has passed counts as cut off, so its handler must have ended by then.
    if (endpoint.timeoutMs >= IDEMPOTENCY_LEASE_MS) {
      throw new TypeError(
        `${name} may take longer than the lease of its idempotency key (${IDEMPOTENCY_LEASE_MS} ms)`,
      );
    }
  }
}
