import { createHmac, randomBytes } from 'node:crypto';
import type { CertificateName, RequestSpec } from '../cases/request-spec.ts';
import type { Person } from '../provider/people.ts';
import { type EdgeStand, secretOf } from '../stand/edge-stand.ts';
import type { People } from './people.ts';

const OLD_SECONDS = 600;

/** Puts values in the place of the placeholders, each time anew. */
export async function expand(spec: RequestSpec, stand: EdgeStand, people: People): Promise<RequestSpec> {
  const unique = randomBytes(6).toString('hex');
  const token = new Map<string, string>();
  for (const [, person = ''] of JSON.stringify(spec.headers ?? []).matchAll(/\{token:(\w+)\}/g))
    token.set(person, await people.token('fresh', person as Person));
  const plain = (text: string): string =>
    text
      .replaceAll('{domain}', stand.domain)
      .replaceAll('{httpsPort}', `${stand.ports.https}`)
      .replaceAll('{adminPort}', `${stand.ports.admin}`)
      .replaceAll('{unique}', unique)
      .replaceAll(/\{certificate:([\w-]+)\}/g, (_, name: CertificateName) => bareCertificate(stand, name))
      .replaceAll(/\{token:(\w+)\}/g, (_, person: string) => token.get(person) ?? '')
      .replaceAll(/\{basic:(\w+)\}/g, (_, user: string) =>
        Buffer.from(`${user}:${secretOf(stand, `${user}_password`)}`).toString('base64'),
      );
  const body = spec.body === undefined ? undefined : plain(spec.body);
  const slack = slackValues(stand.slackSecret, body ?? '');
  const header = (line: string): string =>
    Object.entries(slack).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), plain(line));
  return {
    ...spec,
    path: plain(spec.path),
    ...(spec.headers === undefined ? {} : { headers: spec.headers.map(header) }),
    ...(typeof spec.sni === 'string' ? { sni: plain(spec.sni) } : {}),
    ...(spec.host === undefined
      ? {}
      : { host: typeof spec.host === 'string' ? plain(spec.host) : spec.host.map(plain) }),
    ...(spec.origin === undefined ? {} : { origin: plain(spec.origin) }),
    ...(body === undefined ? {} : { body }),
  };
}

/** As Traefik hands a certificate on: base64 of its DER form, without lines. */
export function bareCertificate({ certificates }: EdgeStand, name: CertificateName): string {
  return (certificates.clients.get(name)?.cert ?? '').replaceAll(/-----[A-Z ]+-----|\s/g, '');
}

/** Signed as Slack signs: HMAC-SHA256 of `v0:time:body`. */
function slackValues(secret: string, body: string): Readonly<Record<string, string>> {
  const now = Math.floor(Date.now() / 1_000);
  const signature = (time: number, text: string): string =>
    `v0=${createHmac('sha256', secret).update(`v0:${time}:${text}`).digest('hex')}`;
  return {
    'slack-now': `${now}`,
    'slack-old': `${now - OLD_SECONDS}`,
    'slack-signature': signature(now, body),
    'slack-signature-old': signature(now - OLD_SECONDS, body),
    'slack-signature-of-another-body': signature(now, `${body}x`),
  };
}
