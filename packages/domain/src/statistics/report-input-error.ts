import type { ReportInput } from './report.ts';

export class ReportInputError extends Error {
  override readonly name = 'ReportInputError';
  readonly code = 'REPORT_INPUT_INVALID';
  readonly retry = 'park';
  readonly action =
    'Report a fault of the run that made these figures: its days and bars do not fit together.';
}

/** Refuses input whose figures would come out as nonsense: no days, other lengths, times or equity out of range. */
export function checkReportInput(input: ReportInput): void {
  const { equityByDay: days, equityByBar: curve } = input;
  const first = days[0];
  if (first === undefined) throw new ReportInputError('A report needs at least one trading day.');
  for (const [index, day] of days.entries()) {
    if (!(day.openEquity > 0))
      throw new ReportInputError(`The day ${day.day} opens with equity ${day.openEquity}.`);
    if (!Number.isFinite(day.closeEquity + day.netDeposits))
      throw new ReportInputError(`The day ${day.day} has no close.`);
    const before = days[index - 1];
    if (before !== undefined && !(day.openTime > before.openTime)) {
      throw new ReportInputError(`The day ${day.day} does not open after the day ${before.day}.`);
    }
  }
  const bars = curve.times.length;
  if (curve.equity.length !== bars || (curve.exposure ?? curve.equity).length !== bars) {
    throw new ReportInputError(
      `There are ${bars} bar times and ${curve.equity.length} equities or exposures.`,
    );
  }
  for (let row = 0; row < bars; row += 1) {
    if (!((curve.times[row] ?? 0) > (curve.times[row - 1] ?? first.openTime - 1))) {
      throw new ReportInputError(
        `Bar ${row} of the equity curve does not follow the one before, or its first day.`,
      );
    }
    if (!Number.isFinite(curve.equity[row]))
      throw new ReportInputError(`Bar ${row} has equity ${curve.equity[row]}.`);
  }
}
