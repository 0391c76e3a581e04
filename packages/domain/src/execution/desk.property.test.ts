import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { DeskAtVenue } from './desk-at-venue.fixture.ts';

vi.setConfig({ testTimeout: 60_000 });

const index = fc.constantFrom(0, 1);
const action = fc.oneof(
  fc.record({
    kind: fc.constant('buy' as const),
    index,
    lots: fc.integer({ min: 6, max: 400 }),
    distance: fc.constantFrom('0.5', '3', '20', null),
  }),
  fc.record({ kind: fc.constant('sell' as const), index, share: fc.constantFrom(0.3, 0.5, 0.96, 1) }),
  fc.record({ kind: fc.constant('send' as const), index, refuse: fc.boolean() }),
  fc.record({ kind: fc.constant('send' as const), index, refuse: fc.constant(false) }),
  fc.record({ kind: fc.constant('deliver' as const), answerFirst: fc.boolean() }),
  fc.record({ kind: fc.constant('deliver' as const), answerFirst: fc.boolean() }),
  fc.record({ kind: fc.constant('step' as const), percent: fc.constantFrom(-30, -5, -1, 0, 0, 1, 4) }),
  fc.record({ kind: fc.constant('halt' as const) }),
  fc.record({ kind: fc.constant('rest' as const) }),
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

function act(desk: DeskAtVenue, step: Action): void {
  switch (step.kind) {
    case 'buy':
      desk.buy(step.index, step.lots, step.distance);
      return;
    case 'sell':
      desk.sell(step.index, step.share);
      return;
    case 'send':
      desk.send(step.index, step.refuse);
      return;
    case 'deliver':
      desk.deliver(step.answerFirst);
      return;
    case 'step':
      desk.step(step.percent);
      return;
    case 'halt':
      desk.halt();
      return;
    case 'rest':
      desk.settle();
      expect(desk.faultsAtRest()).toEqual([]);
  }
}

it('whatever fills, is refused or canceled, and whenever it is told: one stop, no oversale, protected, at rest', () => {
  fc.assert(
    fc.property(fc.array(action, { minLength: 20, maxLength: 120, size: 'max' }), (actions) => {
      const desk = new DeskAtVenue();
      for (const step of actions) {
        act(desk, step);
        expect(desk.faults()).toEqual([]);
      }
      desk.settle();
      expect([...desk.faults(), ...desk.faultsAtRest()]).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
