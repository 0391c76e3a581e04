import type { Board } from './live/board.ts';

/** The service's part of `GET /status`, out of memory: the replay driver asks it after every step. */
export function orchestratorStatus(board: Board): object {
  const { figures, latencies } = board;
  if (figures === null) return {};
  const { trading, day, lastCycle, decidedCycle, cyclesCompleted, cyclesTimedOut, execSequence } = figures;
  const { mode, epoch, reason } = trading;
  const status = lastCycle === null ? undefined : board.cycle(lastCycle)?.status;
  return {
    trading: { mode, epoch, reason },
    day: day?.day ?? null,
    lastCycle: lastCycle === null ? null : { id: lastCycle, status: status ?? null },
    decidedCycle,
    cyclesCompleted,
    cyclesTimedOut,
    latency: { p50: latencies.quantile(0.5), p99: latencies.quantile(0.99) },
    execSequence,
    appliedEpoch: figures.appliedEpoch,
    conditions: figures.conditions,
    auditSequence: figures.auditSequence,
  };
}
