import { changed, lookedAt, reduced, viewed } from './bases.ts';
import type { EdgeCase, RequestSpec } from './request-spec.ts';

const service = (status: number, code: string) => ({ by: 'service', status, code }) as const;
const taken = { passes: 202 } as const;
const chunked: RequestSpec = { ...changed, framing: 'chunked' };
const big = (bytes: number): string =>
  `{"severity":"info","code":"EDGE_TEST","title":"{unique}","text":"${'x'.repeat(bytes)}"}`;

/** Bodies and headers of the wrong size, shape, speed or kind. */
export const BODIES: readonly EdgeCase[] = [
  {
    id: 'body.oversized',
    wrong: 'a body of 3 MB',
    base: changed,
    change: { body: big(3_000_000) },
    refused: { by: 'traefik', status: 413 },
    ...taken,
  },
  {
    id: 'body.oversized-chunked',
    wrong: 'a body of 3 MB that does not say its length',
    base: chunked,
    change: { body: big(3_000_000) },
    refused: { by: 'traefik', status: 413 },
    ...taken,
  },
  {
    id: 'body.slow',
    wrong: 'a body that comes a few bytes a second',
    base: changed,
    change: { bytesPerSecond: 4 },
    refused: { by: 'traefik' },
    ...taken,
  },
  {
    id: 'body.shorter-than-said',
    wrong: 'a body that ends before its length',
    base: changed,
    change: { framing: 'short' },
    refused: { by: 'traefik' },
    ...taken,
  },
  {
    id: 'body.two-lengths',
    wrong: 'two different lengths',
    base: changed,
    change: { framing: 'two-lengths' },
    refused: { by: 'traefik', status: 400 },
    ...taken,
  },
  {
    id: 'body.bad-chunk',
    wrong: 'a chunk whose size is no number',
    base: chunked,
    change: { framing: 'bad-chunk' },
    refused: { by: 'traefik', status: [400, 408, 499, 500, 502] },
    ...taken,
  },
  {
    id: 'body.not-json',
    wrong: 'JSON that breaks off',
    base: changed,
    change: { body: '{"severity":' },
    refused: service(400, 'MALFORMED_JSON'),
    ...taken,
  },
  {
    id: 'body.compressed',
    wrong: 'a compressed body',
    base: changed,
    change: { headers: ['Content-Encoding: gzip'] },
    refused: { by: 'service', status: [400, 415] },
    ...taken,
  },
  {
    id: 'kind.form',
    wrong: 'a form, which any page may send',
    base: changed,
    change: { contentType: 'application/x-www-form-urlencoded' },
    refused: service(415, 'CONTENT_TYPE_NOT_JSON'),
    ...taken,
  },
  {
    id: 'kind.plain-text',
    wrong: 'plain text, which any page may send',
    base: changed,
    change: { contentType: 'text/plain' },
    refused: service(415, 'CONTENT_TYPE_NOT_JSON'),
    ...taken,
  },
  {
    id: 'kind.none',
    wrong: 'no Content-Type',
    base: changed,
    change: { contentType: undefined },
    refused: service(415, 'CONTENT_TYPE_NOT_JSON'),
    ...taken,
  },
  {
    id: 'kind.two',
    wrong: 'two kinds in one header',
    base: changed,
    change: { contentType: 'application/json, text/plain' },
    refused: service(415, 'CONTENT_TYPE_NOT_JSON'),
    ...taken,
  },
  ...(
    [
      ['none', undefined, 'ORIGIN_MISSING'],
      ['null', 'null', 'ORIGIN_NOT_ALLOWED'],
      ['foreign', 'https://elsewhere.example', 'ORIGIN_NOT_ALLOWED'],
      ['without-tls', 'http://app.{domain}', 'ORIGIN_NOT_ALLOWED'],
      ['look-alike', 'https://app.{domain}.elsewhere.example', 'ORIGIN_NOT_ALLOWED'],
      ['subdomain', 'https://x.app.{domain}:{httpsPort}', 'ORIGIN_NOT_ALLOWED'],
    ] as const
  ).map(
    ([name, origin, code]): EdgeCase => ({
      id: `origin.${name}`,
      wrong: `an order from ${origin ?? 'no page'}`,
      base: changed,
      change: { origin },
      refused: service(403, code),
      ...taken,
    }),
  ),
  {
    id: 'origin.foreign-on-admin-host',
    wrong: 'an admin’s order from a foreign page',
    base: reduced,
    change: { origin: 'https://elsewhere.example' },
    refused: service(403, 'ORIGIN_NOT_ALLOWED'),
  },
  {
    id: 'body.oversized-on-admin-host',
    wrong: 'an admin’s order of 3 MB',
    base: reduced,
    change: { body: `{"reason":"${'x'.repeat(3_000_000)}"}` },
    refused: { by: 'traefik', status: 413 },
  },
  {
    id: 'kind.form-on-admin-host',
    wrong: 'an admin’s order as a form',
    base: reduced,
    change: { contentType: 'application/x-www-form-urlencoded' },
    refused: service(415, 'CONTENT_TYPE_NOT_JSON'),
  },
  {
    id: 'headers.above-limit',
    wrong: 'headers of 20 KB',
    base: { ...viewed, padding: 8_000 },
    change: { padding: 20_000 },
    refused: { by: 'traefik', status: 431 },
  },
  ...[15_900, 16_384].map(
    (padding): EdgeCase => ({
      id: `headers.near-16-KiB-${padding}`,
      wrong: `headers of ${padding} bytes, about what Node itself would take`,
      base: { ...viewed, padding: 11_000 },
      change: { padding },
      refused: { by: 'traefik', status: 431 },
    }),
  ),
  {
    id: 'headers.just-above-limit',
    wrong: 'headers a little above 12 KiB, to which the edge would add a token',
    base: { ...viewed, padding: 11_000 },
    change: { padding: 12_300 },
    refused: { by: 'traefik', status: 431 },
  },
  {
    id: 'headers.just-above-limit-admin-host',
    wrong: 'headers a little above 12 KiB, to which the edge would add a token and a certificate',
    base: { ...lookedAt, padding: 11_000 },
    change: { padding: 12_300 },
    refused: { by: 'traefik', status: 431 },
  },
  {
    id: 'headers.far-above-limit',
    wrong: 'headers of 2 MB',
    base: { ...viewed, padding: 8_000 },
    change: { padding: 2_000_000 },
    refused: { by: 'traefik' },
  },
];
