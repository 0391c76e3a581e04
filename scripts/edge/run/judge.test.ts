import { describe, expect, it } from 'vitest';
import { administered, stolen, viewed } from '../cases/bases.ts';
import type { EdgeCase } from '../cases/request-spec.ts';
import { countOf } from './evidence.ts';
import { layerOf, type Outcome, refusalFault, twinFault } from './judge.ts';

const none = { services: 0, proxy: 0, programs: 0 };
const answer = (status: number, seen: Partial<typeof none> = {}, code?: string): Outcome => ({
  ...{ status, problem: '', seen: { ...none, ...seen } },
  body: code === undefined ? 'text' : JSON.stringify({ code }),
});
const broken = (problem: string): Outcome => ({ body: '', problem, seen: none });
const one: EdgeCase = {
  ...{ id: 'x', wrong: 'x', base: administered, change: { adminToken: undefined } },
  refused: { by: 'service', status: 401, code: 'ADMIN_TOKEN_MISSING' },
};

describe('the layer that refused', () => {
  it.each([
    ['service', viewed, answer(403, { services: 1, proxy: 1 })],
    ['neighbour', { ...viewed, entry: 'grafana' }, answer(404, { programs: 1 })],
    ['oauth2-proxy', viewed, answer(401, { proxy: 1 })],
    ['traefik', viewed, answer(404)],
    ['traefik', viewed, broken('ECONNRESET')],
    ['tls', viewed, broken('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')],
    ['network', stolen, broken('ENOTFOUND')],
    ['neighbour', { ...stolen, target: 'http://prometheus:9090' }, answer(401)],
    ['traefik', { ...stolen, target: 'http://traefik:8081' }, answer(404)],
  ] as const)('is %s', (layer, spec, outcome) => {
    expect(layerOf(spec, outcome)).toBe(layer);
  });
});

describe('a case', () => {
  it('holds when layer, status and code are as said', () => {
    const outcome = answer(401, { services: 1 }, 'ADMIN_TOKEN_MISSING');
    expect(refusalFault(one, administered, outcome)).toBeUndefined();
  });

  it.each([
    ['another layer', answer(401, { proxy: 1 }, 'ADMIN_TOKEN_MISSING'), /refused by service/],
    ['another status', answer(403, { services: 1 }, 'ADMIN_TOKEN_MISSING'), /status 401/],
    ['another code', answer(401, { services: 1 }, 'ADMIN_TOKEN_WRONG'), /code ADMIN_TOKEN_MISSING/],
  ])('does not hold by %s', (_name, outcome, fault) => {
    expect(refusalFault(one, administered, outcome)).toMatch(fault);
  });

  it('does not hold when the request passed, whatever else was said', () => {
    const loose: EdgeCase = { ...one, refused: { by: 'service' } };
    expect(refusalFault(loose, administered, answer(200, { services: 1 }))).toMatch(/not refused/);
  });

  it('needs the alert of the handshake', () => {
    const tls: EdgeCase = { ...one, refused: { by: 'tls', alert: 'CERTIFICATE_EXPIRED' } };
    const fault = refusalFault(tls, administered, broken('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'));
    expect(fault).toMatch(/CERTIFICATE_EXPIRED/);
  });
});

describe('a twin', () => {
  it('has passed when the service counted it once', () => {
    expect(twinFault(one, answer(200, { services: 1, proxy: 1 }))).toBeUndefined();
  });

  it('has passed when the program behind the edge has had it, where one answers', () => {
    const page: EdgeCase = { ...one, base: { ...administered, path: '/prometheus/version' } };
    expect(twinFault(page, answer(200, { services: 1, programs: 1 }))).toBeUndefined();
    expect(twinFault(page, answer(200, { services: 1 }))).toMatch(/came to 0/);
  });

  it.each([
    ['was refused', answer(401, { services: 1 }), /should pass with 200/],
    ['was answered by something else', answer(200), /0 counted it/],
    ['came twice', answer(200, { services: 2 }), /2 counted it/],
  ])('has not when it %s', (_name, outcome, fault) => {
    expect(twinFault(one, outcome)).toMatch(fault);
  });
});

describe('a count', () => {
  it('sums the series without those that others ask', () => {
    const text = [
      '# HELP http_request_duration_seconds x',
      'http_request_duration_seconds_count{method="GET",route="/status",status="200"} 3',
      'http_request_duration_seconds_count{method="GET",route="unmatched",status="404"} 2',
      'http_request_duration_seconds_count{method="GET",route="/metrics",status="200"} 90',
      'http_request_duration_seconds_sum{method="GET",route="/status",status="200"} 7',
    ].join('\n');
    expect(countOf(text, 'http_request_duration_seconds_count')).toBe(5);
  });
});
