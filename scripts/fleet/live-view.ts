import type { FleetView } from './fleet-watch.ts';

export interface Rate {
  readonly cyclesPerSecond: number;
}

const BAR_CELLS = 30;
/** Colours by meaning, plain ANSI. */
const GREEN = '\u001b[32m';
const YELLOW = '\u001b[33m';
const RED = '\u001b[31m';
const PLAIN = '\u001b[0m';

/** One line for a pipe or a log file. */
export function progressLine(view: FleetView, { cyclesPerSecond }: Rate): string {
  const sick = view.services.filter(({ problem }) => problem !== null).map(({ name }) => name);
  return [
    `${cyclesText(view)} cycles`,
    `${cyclesPerSecond.toFixed(0)}/s`,
    ...(view.marketTime === null ? [] : [view.marketTime.slice(0, 16)]),
    `equity ${view.equity === null ? '-' : Number(view.equity).toFixed(2)}`,
    `day ${percent(view.dayPnlPct)}`,
    view.state ?? 'state unknown',
    `${view.fills ?? '-'} fills`,
    ...(sick.length === 0 ? [] : [`not ready: ${sick.join(', ')}`]),
  ].join(' | ');
}

/** The whole view, one string a line, for a terminal of that many columns. */
export function screenLines(view: FleetView, rate: Rate, columns: number): string[] {
  const state = view.state ?? 'unknown';
  const colour = state === 'ACTIVE' ? GREEN : state === 'HALTED' ? RED : YELLOW;
  const equity = view.equity === null ? '-' : Number(view.equity).toFixed(2);
  const head = [
    `cycles   ${bar(view)} ${cyclesText(view)}  ${rate.cyclesPerSecond.toFixed(0)}/s  ${view.marketTime?.slice(0, 16) ?? ''}`,
    `equity   ${equity}  day ${percent(view.dayPnlPct)}  fills ${view.fills ?? '-'}`,
  ].map((line) => line.slice(0, columns));
  const rows = view.services.map(({ name, problem, lag }) => {
    const words = problem === null ? `ready${lag === null ? '' : `  lag ${lag}`}` : problem;
    const line = `${name.padEnd(22)}${words}`.slice(0, columns - 2);
    return `${problem === null ? GREEN : RED}●${PLAIN} ${line}`;
  });
  return [...head, `state    ${colour}${state}${PLAIN}`, ...rows];
}

function bar({ done, total }: FleetView): string {
  if (done === null || total === null || total === 0) return '';
  const filled = Math.round((BAR_CELLS * done) / total);
  return `[${'='.repeat(filled)}${' '.repeat(BAR_CELLS - filled)}]`;
}

function cyclesText({ done, total }: FleetView): string {
  return `${done ?? '-'}${total === null ? '' : `/${total}`}`;
}

function percent(value: number | null): string {
  return value === null ? '-' : `${value >= 0 ? '+' : ''}${value.toFixed(2)} %`;
}
