import { describe, expect, it } from 'vitest';
import { CASES } from './all-cases.ts';
import { badRequest } from './request-spec.ts';

describe('the cases of the edge', () => {
  it('have an id each', () => {
    expect(new Set(CASES.map(({ id }) => id)).size).toBe(CASES.length);
  });

  it('are more than the sixty that were asked for', () => {
    expect(CASES.length).toBeGreaterThanOrEqual(60);
  });

  it.each(CASES)('$id differs from its twin in what it says and in nothing else', (one) => {
    const { base, change, gates } = one;
    expect(Object.keys(change).length).toBe(gates ?? 1);
    const bad: Readonly<Record<string, unknown>> = { ...badRequest(one) };
    const differing = Object.keys(change).filter(
      (key) => JSON.stringify(bad[key]) !== JSON.stringify((base as unknown as Record<string, unknown>)[key]),
    );
    expect(differing).toEqual(Object.keys(change));
  });

  it('name every layer that may refuse', () => {
    const layers = new Set(CASES.map(({ refused }) => refused.by));
    expect([...layers].sort()).toEqual(['neighbour', 'network', 'oauth2-proxy', 'service', 'tls', 'traefik']);
  });

  it('miss each gate alone and every pair of gates', () => {
    const ids = CASES.map(({ id }) => id);
    const outside = ['certificate', 'identity', 'role', 'admin-token'];
    const inside = ['edge-secret', 'identity', 'role', 'admin-entry', 'certificate', 'admin-token'];
    const wanted = (prefix: string, gates: readonly string[]): string[] =>
      gates.flatMap((gate, index) => [
        `${prefix}.without-${gate}`,
        ...gates.slice(index + 1).map((other) => `${prefix}.without-${gate}-and-${other}`),
      ]);
    expect(ids).toEqual(expect.arrayContaining(wanted('edge', outside)));
    expect(ids).toEqual(expect.arrayContaining(wanted('container', inside)));
  });
});
