import { z } from 'zod';
import { LOG_LEVELS } from '../telemetry/index.ts';

export interface IntegerRange {
  readonly min?: number;
  readonly max?: number;
}

const INTEGER = /^[+-]?\d{1,15}$/;
const DECIMAL = /^[+-]?(\d+(\.\d+)?|\.\d+)$/;
const TRUE = new Set(['true', '1', 'yes', 'on']);
const FALSE = new Set(['false', '0', 'no', 'off']);

/** A whole number in decimal digits (no `1e3`, no `0x10`, no empty text), within the range given. */
export function envInteger({
  min = Number.MIN_SAFE_INTEGER,
  max = Number.MAX_SAFE_INTEGER,
}: IntegerRange = {}) {
  return z
    .string()
    .trim()
    .regex(INTEGER, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));
}

/** A number in plain decimal notation, within the range given. */
export function envNumber({ min = -Number.MAX_VALUE, max = Number.MAX_VALUE }: IntegerRange = {}) {
  return z
    .string()
    .trim()
    .regex(DECIMAL, 'must be a number such as 0.5')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));
}

/** `true`, `1`, `yes`, `on` or their opposites; anything else is a fault, never silently false. */
export function envBoolean() {
  return z
    .string()
    .trim()
    .toLowerCase()
    .refine((text) => TRUE.has(text) || FALSE.has(text), 'must be true or false')
    .transform((text) => TRUE.has(text));
}

/** Texts separated by commas, trimmed, empty ones dropped. */
export function envList() {
  return z.string().transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  );
}

/** A URL with one of the given schemes, e.g. `envUrl('http', 'https')`. */
export function envUrl(...schemes: readonly string[]) {
  const wanted = `must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return z
    .string()
    .trim()
    .refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)), wanted);
}

/** Origins separated by commas, in the spelling of browsers: without a port that is the scheme's own. */
export function envOrigins() {
  return envList()
    .refine(
      (origins) => origins.every(isOrigin),
      'must be origins such as https://app.example.com, without a path',
    )
    .transform((origins) => origins.map((origin) => new URL(origin).origin));
}

function isOrigin(text: string): boolean {
  if (!/^https?:\/\/[^/?#@\s]+$/.test(text) || !URL.canParse(text)) return false;
  return new URL(text).pathname === '/';
}

/** Of a service that asks other services: what it sends as X-Service-Secret. The callees know its hash. */
export const callerConfigShape = {
  SERVICE_SECRET: z.string().min(16, 'must have at least 16 characters').max(512).optional(),
};

/** The settings that every service has. `z.object({ ...commonConfigShape, RISK_X: envInteger() })`. */
export const commonConfigShape = {
  /** 0 takes any free port. */
  PORT: envInteger({ min: 0, max: 65_535 }),
  HOST: z.string().trim().min(1).default('127.0.0.1'),
  DATABASE_URL: envUrl('postgres', 'postgresql'),
  REDIS_URL: envUrl('redis', 'rediss'),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  /** Without it every admin route refuses. With ACCESS_CONTROL=edge the service holds only hashes, and this is unset. */
  ADMIN_TOKEN: z.string().min(16, 'must have at least 16 characters').max(512).optional(),
  STREAM_PARTITIONS: envInteger({ min: 1, max: 256 }).default(1),
  TRADING_MODE: z.enum(['paper', 'live'], 'must be paper or live').default('paper'),
  RUN_ID: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "_" or "-"')
    .optional(),
  SIMULATOR_URL: envUrl('http', 'https').optional(),
  /** The folder of the YAML files, relative to the working folder. */
  CONFIG_DIR: z.string().trim().min(1).default('config'),
  /** token: the admin token alone, for the loopback. edge: people through the edge, by config/access.yaml. */
  ACCESS_CONTROL: z.enum(['token', 'edge'], 'must be token or edge').default('token'),
  /** The domain under which people reach the fleet; with a public one ACCESS_CONTROL must be edge. */
  DOMAIN: z.string().trim().toLowerCase().default(''),
  /** Folder of admin_token_hashes, edge_secret_hashes, edge_admin_secret_hashes and service_secret_hashes. */
  ACCESS_DIR: z.string().trim().min(1).default('/run/secrets'),
  /** oidc: the verified ID token says who asks. headers: X-Auth-Request-Email, where the provider has no ID tokens. */
  IDENTITY_SOURCE: z.enum(['oidc', 'headers'], 'must be oidc or headers').default('oidc'),
  OIDC_ISSUER: envUrl('http', 'https').optional(),
  OIDC_AUDIENCES: envList().default([]),
  /** Where the provider's public keys are read, inside the network. */
  OIDC_JWKS_URL: envUrl('http', 'https').optional(),
  /** claim: an ID token must say `email_verified: true`. provider: who leaves the claim out vouches for every e-mail. */
  OIDC_EMAIL_VERIFIED: z.enum(['claim', 'provider'], 'must be claim or provider').default('claim'),
  /** Origins of the pages from which people may change something, such as https://app.example.com. */
  ALLOWED_ORIGINS: envOrigins().default([]),
};
