import { instrumentsSchema } from '@fleet/domain/instruments';
import { venueConfigSchema } from '@fleet/domain/matching';
import { loadYaml, parseYaml } from '@fleet/shared/config';
import { describe, expect, it } from 'vitest';
import { readConfig } from './simulator-config.ts';

describe('flags and environment', () => {
  it('has safe defaults: loopback, lock-step, synthetic market', () => {
    expect(readConfig([], {})).toMatchObject({
      HOST: '127.0.0.1',
      CONTROL_HOST: '127.0.0.1',
      PORT: 7100,
      candles: [],
      symbols: ['BTCUSDT', 'ETHUSDT'],
      fresh: false,
    });
    expect(readConfig([], {}).speed).toBeUndefined();
  });

  it('reads flags, plain arguments as candle files, and the environment', () => {
    const args = [
      '--candles',
      'a.csv',
      'b.csv',
      '--from',
      '2024-08-01',
      '--speed',
      '60x',
      '--journal',
      'j',
      '--fresh',
    ];
    expect(readConfig(args, { PORT: '0', SIMULATOR_API_KEY: 'k' })).toMatchObject({
      candles: ['a.csv', 'b.csv'],
      from: Date.UTC(2024, 7, 1),
      speed: 60,
      journal: 'j',
      fresh: true,
      PORT: 0,
      SIMULATOR_API_KEY: 'k',
    });
    expect(readConfig(['--speed', 'max'], {}).speed).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    [['--speed', 'fast'], {}, /--speed: must be a speed such as 60x/],
    [['--from', 'monday'], {}, /--from: must be a date/],
    [['--history', '-1'], {}, /--history/],
    [['--candels', 'a.csv'], {}, /Unknown option '--candels'/],
    [[], { PORT: '70000' }, /PORT: must be at most 65535/],
    [[], { SIMULATOR_KEY: 'x' }, /SIMULATOR_KEY: is not a setting/],
  ])('refuses %j %j', (args, env, message) => {
    expect(() => readConfig(args, env)).toThrow(message);
  });
});

describe('configuration files', () => {
  it('the shipped files are valid, with the exchange’s filters', () => {
    const { instruments } = loadYaml('config/instruments.yaml', instrumentsSchema);
    expect(instruments.map(({ symbol }) => symbol)).toEqual([
      'BTCUSDT',
      'ETHUSDT',
      'SOLUSDT',
      'XRPUSDT',
      'DOGEUSDT',
    ]);
    expect(instruments[0]).toMatchObject({
      tickSize: '0.01',
      stepSize: '0.00001',
      quantityMax: '9000',
      notionalMin: '5',
    });
    expect(loadYaml('config/venue.yaml', venueConfigSchema)).toEqual({
      makerFeeRate: '0.001',
      takerFeeRate: '0.001',
      slippageBps: 2,
      collar: '0.02',
      startBalances: { USDT: '10000' },
    });
  });

  const good = `makerFeeRate: '0.001'
takerFeeRate: '0.001'
slippageBps: 2
collar: '0.02'
startBalances: { USDT: '10000' }
`;
  it.each([
    ['an unknown key', `${good}slipage: 2\n`, /slipage/],
    ['a missing key', good.replace("collar: '0.02'\n", ''), /collar/],
    [
      'a rate that is no fraction',
      good.replace("makerFeeRate: '0.001'", "makerFeeRate: '1.5'"),
      /fraction below 1/,
    ],
    ['a number where text keeps the digits', good.replace("'0.02'", '0.02'), /collar/],
    ['a negative slippage', good.replace('slippageBps: 2', 'slippageBps: -2'), /slippageBps/],
    ['no balances', good.replace("{ USDT: '10000' }", '{}'), /at least one asset/],
    ['broken YAML', `${good}  : [`, /not valid YAML/],
  ])('refuses %s', (_name, text, message) => {
    expect(() => parseYaml(text, venueConfigSchema, 'venue.yaml')).toThrow(message);
  });
});
