import type { DeskOrder } from '@fleet/domain/execution';
import { speakOfOrder } from '../book/speak.ts';
import type { Turn } from '../book/turn.ts';

/** An order that was UNKNOWN is known again. */
export function speakResolved(turn: Turn, order: DeskOrder, outcome: 'found' | 'absent', time: number): void {
  speakOfOrder(turn, 'order.resolved', order, {
    time,
    fields: { outcome, state: order.state },
    words: `${outcome}, ${order.state}`,
  });
}
