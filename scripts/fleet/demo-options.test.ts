import { describe, expect, it } from 'vitest';
import { parseDemoOptions } from './demo-options.ts';

const parse = (...args: string[]) => parseDemoOptions(args, '/here');

describe('options of the demo', () => {
  it('trades the made-up market in lock-step until stopped when nothing is said', () => {
    expect(parse()).toMatchObject({
      market: { candles: [], symbols: undefined, seed: undefined },
      speed: 'max',
      forMs: undefined,
      fresh: false,
      summaryFile: undefined,
    });
    expect(parse().homeDir).toMatch(/\.local\/demo$/);
  });

  it('takes several candle files, relative to where it was called, also as SYMBOL=FILE', () => {
    const { market } = parse(
      '--candles',
      'a.csv',
      '/data/b.csv',
      '--candles',
      'ETHUSDT=c.csv',
      '--from',
      '2024-08-01',
    );
    expect(market.candles).toEqual(['/here/a.csv', 'ETHUSDT=/here/c.csv', '/data/b.csv']);
    expect(market.from).toBe(Date.UTC(2024, 7, 1));
  });

  it.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['1.5h', 5_400_000],
  ])('reads --for %s', (text, ms) => {
    expect(parse('--for', text).forMs).toBe(ms);
  });

  it.each([
    ['max', 'max'],
    ['60x', '60x'],
    ['0.5x', '0.5x'],
  ])('reads --speed %s', (text, speed) => {
    expect(parse('--speed', text).speed).toBe(speed);
  });

  it('reads symbols, seed, summary and folder', () => {
    const options = parse(
      '--symbols',
      'BTCUSDT, ETHUSDT',
      '--seed',
      '7',
      '--summary',
      'out/s.json',
      '--dir',
      'run',
    );
    expect(options.market).toMatchObject({ symbols: ['BTCUSDT', 'ETHUSDT'], seed: '7' });
    expect(options).toMatchObject({ summaryFile: '/here/out/s.json', homeDir: '/here/run' });
  });

  it.each([
    [['--speed', 'fast'], '--speed takes max'],
    [['--speed', '0x'], '--speed takes max'],
    [['--for', '10'], '--for takes a time'],
    [['--for', '0m'], '--for takes a time'],
    [['--from', 'yesterday'], '--from takes a date'],
    [['--to', '2024-13-01'], '--to takes a date'],
    [['--symbols', ' , '], '--symbols takes symbols'],
    [['a.csv'], 'candle files follow --candles'],
    [['--candels', 'a.csv'], "Unknown option '--candels'"],
    [['--candles', 'a.csv', '--seed', '1'], '--seed and --symbols are of the made-up market'],
  ])('refuses %j', (args, words) => {
    expect(() => parse(...args)).toThrow(words);
  });
});
