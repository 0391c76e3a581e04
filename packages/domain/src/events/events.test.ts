import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  causedEventId,
  type Envelope,
  envelopeFromFields,
  envelopeToFields,
  eventId,
  MalformedEnvelopeError,
} from './envelope.ts';
import { catalog, eventCatalog, streamGroups } from './index.ts';

const envelope: Envelope = {
  id: eventId('run', 'bar.closed', 'sim BTCUSDT 1m 0'),
  type: 'bar.closed',
  v: 1,
  ts: '2024-08-01T00:01:00.000Z',
  key: 'BTCUSDT',
  source: 'market-analyst',
  run: 'run',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  requestId: 'r',
  causationId: null,
  data: { a: [1, 'ü', null] },
};

describe('an envelope', () => {
  it('comes back as it was written', () => {
    expect(envelopeFromFields(envelopeToFields(envelope))).toEqual(envelope);
    const caused = { ...envelope, causationId: envelope.id };
    expect(envelopeFromFields(envelopeToFields(caused))).toEqual(caused);
  });

  it.each([
    'id',
    'type',
    'v',
    'ts',
    'key',
    'source',
    'run',
    'traceparent',
    'requestId',
    'causationId',
    'data',
  ])('without %s is refused by that name', (name) => {
    const fields = envelopeToFields(envelope);
    fields.splice(fields.indexOf(name), 2);
    expect(() => envelopeFromFields(fields)).toThrow(
      new MalformedEnvelopeError(`stream entry has no field "${name}"`),
    );
  });

  it.each([
    ['v', '0'],
    ['ts', 'yesterday'],
    ['id', 'not-a-uuid'],
    ['data', '{'],
  ])('with %s %s is refused', (name, value) => {
    const fields = envelopeToFields(envelope);
    fields[fields.indexOf(name) + 1] = value;
    expect(() => envelopeFromFields(fields)).toThrow(MalformedEnvelopeError);
  });
});

describe('event ids', () => {
  it('are UUIDs of version 5, the same for the same content', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (run, key) => {
        const id = eventId(run, 'bar.closed', key);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(eventId(run, 'bar.closed', key)).toBe(id);
        expect(eventId(run, 'signal.produced', key)).not.toBe(id);
        const [planned, judged] = [
          { source: 'portfolio-manager', type: 'order.proposed' },
          { source: 'risk-manager', type: 'order.approved' },
        ];
        const ids = [
          causedEventId(id, 0, planned),
          causedEventId(id, 1, planned),
          causedEventId(id, 0, judged),
        ];
        ids.push(causedEventId(id, 0, { ...planned, source: 'trade-executor' }));
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });
});

describe('the catalog', () => {
  it('has each type once, on a stream whose groups are known', () => {
    const types = eventCatalog.map((definition) => definition.type);
    expect(new Set(types).size).toBe(types.length);
    for (const { stream } of eventCatalog) expect(streamGroups[stream]).toBeDefined();
  });

  it('names the path of the first fault', () => {
    expect(() =>
      catalog.entry('market-data.stale')?.parse({ symbol: 'BTCUSDT', lastCloseTime: null, ageMs: -1 }),
    ).toThrow('market-data.stale: ageMs: ');
  });

  it('refuses fields that it does not know', () => {
    expect(() =>
      catalog
        .entry('analyze.requested')
        ?.parse({ analysisId: 'a', symbols: ['BTCUSDT'], requestedBy: '', more: 1 }),
    ).toThrow('Unrecognized key');
  });
});
