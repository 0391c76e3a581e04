import { proofText } from './proof.ts';
import type { Summary } from './summary.ts';

/** The summary for people; its last line is the proof. */
export function summaryText(summary: Summary): string {
  const { cycles, pnl, equity, latencyMs, replay } = summary;
  const rate = replay.seconds > 0 ? `, ${(replay.cycles / replay.seconds).toFixed(0)} cycles/s` : '';
  const rows: [string, string][] = [
    ['run', `${summary.run}${summary.finished ? '' : ' (not finished: started again, it goes on)'}`],
    ['market', summary.market],
    ['bars', String(summary.bars)],
    ['cycles', `${cycles.completed} of ${cycles.expected} completed`],
    ['signals', String(summary.signals)],
    ['proposals', String(summary.proposals)],
    ['approvals', approvalsText(summary)],
    ['denials', counted(summary.denials)],
    ['orders', ordersText(summary.orders)],
    ['fills', String(summary.fills)],
    ['fees', rounded(summary.fees)],
    [
      'PnL',
      `${rounded(pnl.net)} = realised ${rounded(pnl.realised)} + unrealised ${rounded(pnl.unrealised)} - fees`,
    ],
    ['equity', `${rounded(equity.start)} -> ${rounded(equity.end)}`],
    ['cycle latency', `p50 ${milliseconds(latencyMs.p50)}, p99 ${milliseconds(latencyMs.p99)}`],
    ['replay', `${replay.cycles} cycles in ${replay.seconds.toFixed(1)} s${rate}`],
    ['restarts', counted(summary.restarts)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  return [...lines, proofText(summary.proof)].join('\n');
}

/** Exit code 0 stands for exactly this. */
export function isSound({ proof, cycles }: Pick<Summary, 'proof' | 'cycles'>): boolean {
  return proof.equal && cycles.completed === cycles.expected;
}

function counted(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  return entries.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
}

function approvalsText({ approvals, shrunk }: Summary): string {
  const smaller = counted(shrunk);
  return smaller === 'none' ? String(approvals) : `${approvals}, of these made smaller: ${smaller}`;
}

function ordersText(orders: Summary['orders']): string {
  const texts = Object.entries(orders).map(([purpose, states]) => `${purpose} (${counted(states)})`);
  return texts.join(', ') || 'none';
}

/** Two places for the eye; the JSON has them all. */
function rounded(amount: string): string {
  return Number(amount).toFixed(2);
}

function milliseconds(value: number | null): string {
  return value === null ? 'unknown' : `${value.toFixed(0)} ms`;
}
