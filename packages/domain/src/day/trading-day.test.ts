import { describe, expect, it } from 'vitest';
import { localTimeOf } from './local-time.ts';
import { tradingDays } from './trading-day.ts';

const at = (text: string): number => Date.parse(text);

describe('trading days', () => {
  it.each([
    { zone: 'UTC', start: '00:00', time: '2024-08-01T23:59:00Z', day: '2024-08-01' },
    { zone: 'UTC', start: '00:00', time: '2024-08-02T00:00:00Z', day: '2024-08-02' },
    { zone: 'UTC', start: '08:00', time: '2024-08-02T07:59:59Z', day: '2024-08-01' },
    { zone: 'UTC', start: '08:00', time: '2024-08-02T08:00:00Z', day: '2024-08-02' },
    { zone: 'America/New_York', start: '00:00', time: '2024-08-02T03:59:59Z', day: '2024-08-01' },
    { zone: 'America/New_York', start: '00:00', time: '2024-08-02T04:00:00Z', day: '2024-08-02' },
    { zone: 'Asia/Kolkata', start: '00:00', time: '2024-08-01T18:30:00Z', day: '2024-08-02' },
    // The clocks go back at 06:00 UTC: the day has 25 hours.
    { zone: 'America/New_York', start: '00:00', time: '2024-11-04T04:59:59Z', day: '2024-11-03' },
    { zone: 'America/New_York', start: '00:00', time: '2024-11-04T05:00:00Z', day: '2024-11-04' },
  ])('$time in $zone from $start is $day', ({ zone, start, time, day }) => {
    expect(tradingDays({ timeZone: zone, start }).dayOf(at(time))).toBe(day);
  });

  it.each(['UTC', 'America/New_York', 'Asia/Kolkata'])(
    'answers the same asked in order and asked once (%s)',
    (timeZone) => {
      const days = tradingDays({ timeZone, start: '02:30' });
      for (let time = at('2024-11-02T00:00:00Z'); time < at('2024-11-05T00:00:00Z'); time += 420_000) {
        expect(days.dayOf(time)).toBe(tradingDays({ timeZone, start: '02:30' }).dayOf(time));
      }
    },
  );

  it('refuses a start that is no time', () => {
    expect(() => tradingDays({ timeZone: 'UTC', start: '24:00' })).toThrow('HH:MM');
  });
});

it('gives the local time that trading windows are judged by', () => {
  expect(localTimeOf({ timeZone: 'America/New_York' })(at('2024-08-04T01:05:00Z'))).toEqual({
    weekday: 6,
    date: '2024-08-03',
    minutes: 21 * 60 + 5,
  });
});
