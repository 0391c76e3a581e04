import { describe, expect, it } from 'vitest';
import { DeskScene } from '../../test/desk-scene.ts';

describe('approvals', () => {
  it('a signed one becomes an intent, and only then a request', () => {
    const scene = new DeskScene();
    const order = scene.order();
    scene.authorise(order);
    expect(scene.newest()).toMatchObject({
      kind: 'place',
      clientOrderId: order.clientOrderId,
      state: 'open',
    });
    expect(scene.newest().request).toMatchObject({ quantity: '1', type: 'MARKET', timestamp: scene.now });
    expect(scene.effects).toEqual([{ kind: 'send', intent: 1 }]);
    expect(scene.said).toEqual([]);
  });

  it.each<[string, (scene: DeskScene) => void]>([
    ['another’s signature', (scene) => void scene.authorise(scene.order(), { by: 'stranger' })],
    ['another key id', (scene) => void scene.authorise(scene.order(), { keyId: 'risk-2' })],
    ['no signature', (scene) => void scene.authorise(scene.order(), { signature: 'A'.repeat(88) })],
    ['another run', (scene) => void scene.authorise(scene.order({}, { run: 'run-2' }))],
    ['an id of its own', (scene) => void scene.authorise(scene.order({}, { clientOrderId: 'f'.repeat(32) }))],
    [
      'a quantity that was changed after signing',
      (scene) => {
        const honest = scene.order();
        scene.authorise({ ...honest, quantity: '100' }, { signature: scene.signatureOf(honest) });
      },
    ],
  ])('%s: refused, told, never sent', (_what, forge) => {
    const scene = new DeskScene();
    forge(scene);
    expect(scene.codes()).toEqual(['SIGNATURE_INVALID', 'SIGNATURE_INVALID']);
    expect(scene.types()).toEqual(['order.rejected', 'notification.raised']);
    expect(scene.state.intents.size).toBe(0);
  });

  it('a forgery under the id of a living order does not speak for it', () => {
    const scene = new DeskScene();
    const order = scene.order();
    scene.authorise(order);
    scene.authorise({ ...order, quantity: '9' }, { by: 'stranger' });
    expect(scene.types()).toEqual(['notification.raised']);
    expect(scene.state.desk.orders.get(order.clientOrderId)?.state).toBe('SUBMITTING');
  });

  it('the same approval under another event id is one order', () => {
    const scene = new DeskScene();
    const order = scene.order();
    scene.authorise(order);
    scene.authorise(order);
    expect(scene.state.intents.size).toBe(1);
  });

  it('waits for the reconciliation, and is given back when that takes too long', () => {
    const scene = new DeskScene({ open: false });
    const order = scene.order();
    expect(scene.authorise(order)).toMatchObject({ kind: 'wait' });
    scene.authorise(order, { context: { waitExpired: true } });
    expect(scene.codes()).toEqual(['NOT_RECONCILED']);
    expect(scene.state.intents.size).toBe(0);
  });

  it('the sells of a flatten wait for their trading state, whose cancels come first', () => {
    const scene = new DeskScene();
    const entry = scene.order();
    scene.authorise(entry);
    scene.accept();
    const sell = scene.order(
      { side: 'sell', purpose: 'flatten', stopDistance: null },
      { flattenId: 'flatten:1', stateEpoch: 2 },
    );
    expect(scene.authorise(sell)).toEqual({ kind: 'wait', for: 'trading state 2' });
    scene.trading({ epoch: 2, mode: 'REDUCING', reason: 'FLATTENING', flattenId: 'flatten:1' });
    expect(scene.newest()).toMatchObject({ kind: 'cancel', clientOrderId: entry.clientOrderId });
    expect(scene.authorise(sell)).toMatchObject({ kind: 'done' });
    scene.accept();
    expect(scene.newest()).toMatchObject({ kind: 'place', clientOrderId: sell.clientOrderId });
  });

  it('a symbol that is not configured is refused', () => {
    const scene = new DeskScene();
    scene.authorise(scene.order({ symbol: 'SOLUSDT' }));
    expect(scene.codes()).toEqual(['SYMBOL_UNKNOWN']);
  });

  it('cancel.authorised cancels what stands and ends what waits', () => {
    const scene = new DeskScene();
    const [first, second] = [scene.order(), scene.order({ purpose: 'rebalance' })];
    scene.authorise(first);
    scene.authorise(second);
    const cancel = (clientOrderId: string) =>
      scene.stream('cancel.authorised', {
        proposalId: first.proposalId,
        symbol: 'BTCUSDT',
        clientOrderId,
        reason: 'r',
      });
    cancel(second.clientOrderId);
    expect(scene.types()).toEqual(['order.canceled']);
    scene.accept();
    cancel(first.clientOrderId);
    expect(scene.newest()).toMatchObject({ kind: 'cancel', clientOrderId: first.clientOrderId });
    scene.accept();
    expect(scene.types()).toEqual(['order.canceled', 'order.accepted', 'order.canceled']);
  });
});
