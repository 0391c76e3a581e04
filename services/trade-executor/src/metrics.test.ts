import { createMetrics } from '@fleet/shared/telemetry';
import { describe, expect, it } from 'vitest';
import { DeskScene } from '../test/desk-scene.ts';
import type { ExecutorState } from './book/state.ts';
import { executorMetrics } from './metrics.ts';
import type { Noted } from './session/leadership.ts';

const FOR_METRICS = ['ended', 'refused', 'unknown', 'accepted', 'reconciled'];

function watched(scene: DeskScene, over: { standby?: boolean; reconcileMs?: number | null } = {}) {
  const metrics = createMetrics({ service: 'x', version: '1', defaultMetrics: false });
  const observer = executorMetrics(metrics, {
    state: (): ExecutorState | null => (over.standby === true ? null : scene.state),
    mode: () => (over.standby === true ? 'standby' : 'trading'),
    wall: () => scene.now,
    reconcileMs: over.reconcileMs ?? null,
  });
  const text = () => {
    for (const effect of scene.effects.splice(0))
      if (FOR_METRICS.includes(effect.kind)) observer.noted(effect as Noted);
    return metrics.registry.metrics();
  };
  return { observer, text };
}

describe('metrics of the executor', () => {
  it('a lost answer: counted, and its age is that of the request', async () => {
    const scene = new DeskScene();
    const { text } = watched(scene);
    scene.authorise(scene.order());
    const { id: intent } = scene.newest();
    expect(await text()).toContain('order_unknown_age_seconds{service="x"} 0');
    scene.local('request.answered', {
      intent,
      answer: { kind: 'ambiguous', reason: 'no answer' },
      truth: null,
    });
    scene.now += 45_000;
    const said = await text();
    expect(said).toContain('orders_unknown_total{service="x"} 1');
    expect(said).toContain('unknown_orders{service="x"} 1');
    expect(said).toContain('order_unknown_age_seconds{service="x"} 45');
  });

  it('an order that the venue takes: seconds since its approval, once', async () => {
    const scene = new DeskScene();
    const { text } = watched(scene);
    scene.authorise(scene.order());
    scene.now += 40;
    scene.accept();
    const said = await text();
    expect(said).toContain('order_authorised_to_accepted_seconds_count{service="x"} 1');
    expect(said).toContain('order_authorised_to_accepted_seconds_sum{service="x"} 0.04');
    expect(scene.state.takenAt.size).toBe(0);
  });

  it('refusals on doubt are counted by code, from 0', async () => {
    const scene = new DeskScene();
    const { text } = watched(scene);
    expect(await text()).toContain('order_refusals_total{code="STATE_UNREADABLE",service="x"} 0');
    scene.authorise(scene.order(), { by: 'stranger' });
    await text();
    scene.authorise(scene.order({ symbol: 'ETHUSDT' }));
    const { id: intent } = scene.newest();
    scene.local('request.refused', { intent, code: 'STATE_UNREADABLE', reason: 'the key is missing' });
    const said = await text();
    expect(said).toContain('order_refusals_total{code="SIGNATURE_INVALID",service="x"} 1');
    expect(said).toContain('order_refusals_total{code="STATE_UNREADABLE",service="x"} 1');
    expect(said).toMatch(/orders_total\{state="REJECTED",purpose="entry",service="x"\} 1/);
  });

  it('reconciliations: result, differences of the last, interval where there is one', async () => {
    const { observer, text } = watched(new DeskScene(), { reconcileMs: 60_000 });
    observer.noted({ kind: 'reconciled', differences: 0 });
    observer.noted({ kind: 'reconciled', differences: 2 });
    const said = await text();
    expect(said).toContain('reconciliations_total{result="clean",service="x"} 1');
    expect(said).toContain('reconciliations_total{result="different",service="x"} 1');
    expect(said).toContain('reconciliation_differences{service="x"} 2');
    expect(said).toContain('reconciliation_interval_seconds{service="x"} 60');
    expect(await watched(new DeskScene()).text()).not.toContain('reconciliation_interval_seconds');
  });

  it('the session and its clock', async () => {
    const { observer, text } = watched(new DeskScene());
    observer.clockAhead(-1_500);
    const said = await text();
    expect(said).toContain('venue_clock_skew_seconds{service="x"} -1.5');
    expect(said).toContain('venue_session_mode{mode="trading",service="x"} 1');
    expect(said).toContain('venue_session_mode{mode="standby",service="x"} 0');
    expect(said).toContain('user_data_connected{service="x"} 1');
  });

  it('a replica that stands by says nothing of the account', async () => {
    const said = await watched(new DeskScene(), { standby: true }).text();
    expect(said).toContain('venue_session_mode{mode="standby",service="x"} 1');
    expect(said).not.toMatch(/^(unknown_orders|order_unknown_age_seconds|reconciliation_age_seconds)\{/m);
  });
});
