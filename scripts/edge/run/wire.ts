import { randomInt } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import type { Question } from '../agent/ask.ts';
import type { RequestSpec } from '../cases/request-spec.ts';
import type { RawRequest } from '../client/raw-request.ts';
import { type EdgeStand, secretOf } from '../stand/edge-stand.ts';
import { bareCertificate } from './expand.ts';
import { COOKIE_NAME, type People } from './people.ts';

const SLOW_TIMEOUT_MS = 40_000;
/** Length of a session's cookie less than which it is none. */
const SHORTER_BY = 8;

/** The bytes of a request from outside; the request's placeholders are filled in already. */
export async function wire(spec: RequestSpec, stand: EdgeStand, people: People): Promise<RawRequest> {
  const port = stand.ports[spec.entry === 'http' ? 'http' : spec.entry === 'admin' ? 'admin' : 'https'];
  const name = `${spec.entry === 'http' ? 'app' : spec.entry}.${stand.domain}`;
  const hosts = [spec.host ?? `${name}:${port}`].flat();
  const headers = [
    ...hosts.map((host) => `Host: ${host}`),
    'Connection: close',
    ...(await identityHeaders(spec, stand, people)),
    ...ownHeaders(spec),
  ];
  const body = framed(spec);
  const version = spec.http ?? '1.1';
  const head = `${spec.method} ${spec.path} HTTP/${version}\r\n${[...headers, ...body.headers].join('\r\n')}\r\n\r\n`;
  const tls = tlsOf(spec, stand, spec.sni === undefined ? name : spec.sni);
  return {
    port,
    ...(tls === undefined ? {} : { tls }),
    ...(spec.bytesPerSecond === undefined
      ? { parts: [`${head}${body.text}`] }
      : { parts: [head, ...pieces(body.text, spec.bytesPerSecond)], pauseMs: 1_000 }),
    ...(spec.bytesPerSecond === undefined ? {} : { timeoutMs: SLOW_TIMEOUT_MS }),
    // What never comes is not waited for as long as the edge would wait.
    ...(body.endsEarly ? { halfClose: true } : {}),
  };
}

/** The same from a container, as the edge would have handed it on. */
export async function question(spec: RequestSpec, stand: EdgeStand, people: People): Promise<Question> {
  const secrets = { edge: spec.edgeSecret, admin: spec.edgeAdminSecret };
  const lines = [
    ...(secrets.edge === undefined ? [] : [`X-Edge-Secret: ${edgeSecret(stand, secrets.edge)}`]),
    // Services count admin calls by address, and believe it beside the secret.
    ...(secrets.edge === 'right' ? [`X-Forwarded-For: 198.51.100.${randomInt(1, 250)}`] : []),
    ...(secrets.admin === undefined
      ? []
      : [
          `X-Edge-Admin-Secret: ${secrets.admin === 'right' ? secretOf(stand, 'edge_admin_secret') : 'guessed'}`,
        ]),
    ...(spec.certificate === undefined
      ? []
      : [`X-Forwarded-Tls-Client-Cert: ${bareCertificate(stand, spec.certificate)}`]),
    ...(await identityHeaders(spec, stand, people)),
    ...ownHeaders(spec),
  ];
  return {
    target: spec.target ?? '',
    ...{ method: spec.method, path: spec.path },
    headers: lines.map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at), line.slice(at + 1).trim()] as const;
    }),
    ...(spec.body === undefined ? {} : { body: spec.body }),
  };
}

function edgeSecret(stand: EdgeStand, kind: 'right' | 'wrong' | 'other'): string {
  if (kind === 'wrong') return 'guessed';
  return secretOf(stand, `edge_secret_${kind === 'right' ? 'orchestrator' : 'risk-manager'}`);
}

async function identityHeaders(spec: RequestSpec, stand: EdgeStand, people: People): Promise<string[]> {
  const token =
    spec.signedIn === 'token'
      ? [`Authorization: Bearer ${await people.token(spec.token ?? 'fresh', spec.person)}`]
      : [];
  const cookie = spec.signedIn === 'cookie' ? [`Cookie: ${await cookieOf(spec, people)}`] : [];
  const admin =
    spec.adminToken === undefined
      ? []
      : [`X-Admin-Token: ${spec.adminToken === 'right' ? secretOf(stand, 'admin_token') : 'guessed'}`];
  return [...token, ...cookie, ...admin];
}

async function cookieOf({ cookie = 'own', person }: RequestSpec, people: People): Promise<string> {
  switch (cookie) {
    case 'own':
      return people.cookie(person);
    case 'forged':
      return `${COOKIE_NAME}=${Buffer.from('somebody').toString('base64url')}|1|guessed`;
    case 'shortened':
      return (await people.cookie(person)).slice(0, -SHORTER_BY);
    case 'signed-out':
      return people.signedOutCookie(person);
  }
}

function ownHeaders({ headers = [], contentType, origin, padding }: RequestSpec): string[] {
  return [
    ...(contentType === undefined ? [] : [`Content-Type: ${contentType}`]),
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    ...(padding === undefined ? [] : [`X-Padding: ${'x'.repeat(padding)}`]),
    ...headers,
  ];
}

interface Framed {
  readonly headers: readonly string[];
  readonly text: string;
  readonly endsEarly?: true;
}

function framed({ body = '', framing, method }: RequestSpec): Framed {
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  const size = Buffer.byteLength(body).toString(16);
  switch (framing) {
    case 'chunked':
      return { headers: ['Transfer-Encoding: chunked'], text: `${size}\r\n${body}\r\n0\r\n\r\n` };
    case 'bad-chunk':
      return { headers: ['Transfer-Encoding: chunked'], text: `zz\r\n${body}\r\n0\r\n\r\n` };
    case 'both':
      return { headers: [length, 'Transfer-Encoding: chunked'], text: `${size}\r\n${body}\r\n0\r\n\r\n` };
    case 'two-lengths':
      return { headers: [length, 'Content-Length: 5'], text: body };
    case 'short':
      return { headers: [length], text: body.slice(0, -5), endsEarly: true };
    default:
      return { headers: body === '' && method === 'GET' ? [] : [length], text: body };
  }
}

function tlsOf(
  { tls, entry, certificate }: RequestSpec,
  { certificates }: EdgeStand,
  sni: string | null,
): ConnectionOptions | undefined {
  if (tls === 'none' || entry === 'http') return undefined;
  const own = certificate === undefined ? undefined : certificates.clients.get(certificate);
  const old =
    tls?.version === undefined
      ? {}
      : { minVersion: tls.version, maxVersion: tls.version, ciphers: 'DEFAULT@SECLEVEL=0' };
  return {
    rejectUnauthorized: false,
    ...(sni === null ? {} : { servername: sni }),
    ...(own === undefined || entry !== 'admin' ? {} : own),
    ...old,
    ...(tls?.ciphers === undefined ? {} : { ciphers: tls.ciphers, maxVersion: 'TLSv1.2' as const }),
  };
}

function pieces(text: string, size: number): string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
}
