import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** The headers that decide about access, as they came. An absent one is undefined, a present empty one is ''. */
export interface AccessHeaders {
  readonly edgeSecret: string | undefined;
  readonly edgeAdminSecret: string | undefined;
  readonly serviceSecret: string | undefined;
  readonly adminToken: string | undefined;
  readonly authorization: string | undefined;
  readonly email: string | undefined;
  readonly certificate: string | undefined;
  readonly origin: string | undefined;
  readonly contentType: string | undefined;
  /** Address of the last element of X-Forwarded-For, which the edge itself sets. */
  readonly forwardedFor: string | undefined;
  /** Names of those that came twice, or with several values in one. */
  readonly duplicated: readonly string[];
}

const NAMES = {
  edgeSecret: 'x-edge-secret',
  edgeAdminSecret: 'x-edge-admin-secret',
  serviceSecret: 'x-service-secret',
  adminToken: 'x-admin-token',
  authorization: 'authorization',
  email: 'x-auth-request-email',
  certificate: 'x-forwarded-tls-client-cert',
  origin: 'origin',
  contentType: 'content-type',
} as const;

type Name = (typeof NAMES)[keyof typeof NAMES];
/** A chain of certificates is one value with commas; an admin token is a person's choice and may hold one. */
const COMMAS_ALLOWED = new Set<Name>(['x-forwarded-tls-client-cert', 'x-admin-token', 'content-type']);

/**
 * Reads them from `headersDistinct`: Node's `headers` joins or drops what came twice, and which of two values would
 * count is then Node's choice and not the edge's.
 */
export function accessHeaders(distinct: IncomingMessage['headersDistinct']): AccessHeaders {
  const duplicated: string[] = [];
  const one = (name: Name): string | undefined => {
    const values = distinct[name];
    const value = values?.[0];
    if (values === undefined || value === undefined) return undefined;
    if (values.length > 1 || (value.includes(',') && !COMMAS_ALLOWED.has(name))) duplicated.push(name);
    return value.trim();
  };
  const single = Object.fromEntries(Object.entries(NAMES).map(([key, name]) => [key, one(name)]));
  return {
    ...(single as Record<keyof typeof NAMES, string | undefined>),
    forwardedFor: lastAddress(distinct['x-forwarded-for']),
    duplicated,
  };
}

function lastAddress(values: readonly string[] | undefined): string | undefined {
  const last = values?.at(-1)?.split(',').at(-1)?.trim();
  return last !== undefined && isIP(last) !== 0 ? last : undefined;
}
