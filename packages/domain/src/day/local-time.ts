/**
 * Local weekday (0 is Sunday), date and minutes since midnight of a time (epoch ms) in a time zone: what trading
 * windows are judged by.
 */
export function localTimeOf(rules: {
  readonly timeZone: string;
}): (time: number) => { weekday: number; date: string; minutes: number } {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: rules.timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (time) => {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, value]));
    const date = `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
    const minutes = Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
    return { weekday: new Date(`${date}T00:00:00Z`).getUTCDay(), date, minutes };
  };
}
