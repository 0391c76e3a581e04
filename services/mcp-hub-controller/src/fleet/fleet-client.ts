import { safeError } from '@fleet/shared/errors';
import { ServiceAnswerUnusable, ServiceRefused, ServiceUnreachable } from './fleet-errors.ts';

export const FLEET_SERVICES = [
  'orchestrator',
  'portfolio-manager',
  'market-analyst',
  'risk-manager',
  'trade-executor',
  'notification-manager',
  'parameter-optimizer',
] as const;
export type FleetService = (typeof FLEET_SERVICES)[number];
export type FleetAddresses = Readonly<Record<FleetService, string>>;

export interface Question {
  readonly query?: Readonly<Record<string, string | number>>;
  /** The route is below /admin: the admin token goes along. */
  readonly admin?: boolean;
  readonly signal: AbortSignal;
  readonly requestId: string;
}

/** Read-only questions to the other services. It knows no method but GET. */
export interface FleetClient {
  /** The JSON that the service answered. Throws SERVICE_UNREACHABLE, SERVICE_REFUSED or SERVICE_ANSWER_UNUSABLE. */
  get(service: FleetService, path: string, question: Question): Promise<unknown>;
}

export interface FleetClientOptions {
  readonly addresses: FleetAddresses;
  readonly adminToken: string | undefined;
  /** Says to the other services who asks, where they do not believe everybody inside the network. */
  readonly serviceSecret?: string | undefined;
  /** Admin routes take a person's certificate and sign-in. The hub has neither and hands on nobody's. */
  readonly adminClosed?: boolean | undefined;
  readonly timeoutMs?: number;
}

const ANSWER_MS_MAX = 3_000;
const ANSWER_BYTES_MAX = 2 * 1024 * 1024;

export function fleetClient({
  addresses,
  adminToken,
  serviceSecret,
  adminClosed = false,
  timeoutMs = ANSWER_MS_MAX,
}: FleetClientOptions): FleetClient {
  return {
    async get(service, path, question) {
      if (question.admin === true && adminClosed) throw adminRefusal(service, path);
      if (question.admin === true && adminToken === undefined)
        throw new ServiceRefused(
          `${service} ${path} needs the admin token, and this hub has none (ADMIN_TOKEN)`,
        );
      const url = new URL(path, addresses[service]);
      for (const [name, value] of Object.entries(question.query ?? {}))
        url.searchParams.set(name, String(value));
      const headers = {
        accept: 'application/json',
        'x-request-id': question.requestId,
        ...(serviceSecret === undefined ? {} : { 'x-service-secret': serviceSecret }),
        ...(question.admin === true && adminToken !== undefined ? { 'x-admin-token': adminToken } : {}),
      };
      const signal = AbortSignal.any([question.signal, AbortSignal.timeout(timeoutMs)]);
      const { status, text } = await ask(service, url, { headers, signal, redirect: 'error' });
      const body = parsed(text);
      if (status >= 400) throw refusal({ service, path, status, body });
      if (body === undefined) throw new ServiceAnswerUnusable(`${service} ${path} did not answer with JSON`);
      return body;
    },
  };
}

function adminRefusal(service: string, path: string): Error {
  return new ServiceRefused(
    `${service} ${path} is an admin route: it takes a person's certificate and sign-in, and this hub is no person`,
    { action: "Ask it with scripts/ops_cli.js or on the admin host; the hub hands on nobody's sign-in." },
  );
}

async function ask(service: string, url: URL, init: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, init);
    return { status: response.status, text: await boundedText(service, response) };
  } catch (error) {
    if (error instanceof ServiceAnswerUnusable) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const { code, message } = safeError(cause);
    throw new ServiceUnreachable(
      `${service} did not answer ${url.pathname}: ${code ?? message.slice(0, 200)}`,
      {
        context: { service, path: url.pathname },
      },
    );
  }
}

async function boundedText(service: string, response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > ANSWER_BYTES_MAX)
      throw new ServiceAnswerUnusable(`${service} answered more than ${ANSWER_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Refusal {
  readonly service: string;
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

function refusal({ service, path, status, body }: Refusal): Error {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const words = [problem['code'], problem['detail'] ?? problem['title']].filter(
    (part) => typeof part === 'string',
  );
  const said = words.length === 0 ? '' : `: ${words.join(': ').slice(0, 500)}`;
  return new ServiceRefused(`${service} answered ${status} to ${path}${said}`, {
    context: { service, path, status, code: problem['code'] ?? null },
    ...(typeof problem['action'] === 'string' ? { action: problem['action'].slice(0, 500) } : {}),
  });
}
