import { describe, expect, it } from 'vitest';
import { type Addresses, assertOnHost, onSimulator } from './addresses.ts';
import { createKlineClient } from './kline-client.ts';

const TABLE: Addresses = {
  public: 'https://api.binance.com/api/v3',
  sapi: 'https://api.binance.com/sapi/v1',
  ws: {
    spot: 'wss://stream.binance.com:9443/ws',
    'ws-api': { spot: 'wss://ws-api.binance.com:443/ws-api/v3' },
  },
};

describe('addresses in paper mode', () => {
  it.each([
    ['http://127.0.0.1:7100', 'http://127.0.0.1:7100/api/v3', 'ws://127.0.0.1:7100/ws'],
    ['https://simulator/', 'https://simulator/api/v3', 'wss://simulator/ws'],
  ])('are all on %s, with their paths', (simulator, rest, stream) => {
    const moved = onSimulator(TABLE, simulator);
    expect(moved).toMatchObject({ public: rest, ws: { spot: stream } });
    expect(() => assertOnHost(moved, simulator)).not.toThrow();
  });

  it('are refused when one of them, at any depth, is on another host', () => {
    const moved = onSimulator(TABLE, 'http://127.0.0.1:7100');
    const leak = { ...moved, ws: { 'ws-api': { future: 'wss://ws-fapi.binance.com/ws-fapi/v1' } } };
    expect(() => assertOnHost(leak, 'http://127.0.0.1:7100')).toThrow(/ws-fapi.binance.com/);
    expect(() => assertOnHost(moved, 'http://127.0.0.1:7101')).toThrow(/not on 127.0.0.1:7101/);
  });

  it('of the real client are none of a real exchange', () => {
    const paper = JSON.stringify(createKlineClient('http://127.0.0.1:7100').urls['api']);
    expect(paper).not.toContain('binance');
    expect(JSON.stringify(createKlineClient(null).urls['api'])).toContain('https://api.binance.com/api/v3');
  });
});
