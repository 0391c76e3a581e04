import type { Logger } from '@fleet/shared/telemetry';
import type { ExecutorState, Intent } from './book/state.ts';
import type { Answer } from './venue/port.ts';

type Spoken = Pick<Intent, 'kind' | 'symbol' | 'clientOrderId' | 'cancelClientOrderId' | 'attempt'>;

/**
 * One line for each answer of the venue, found by the order, its request and its trace. What was done is for who looks at
 * an order; anything else is a warning, since somebody may have to.
 */
export function logAnswer(
  logger: Logger,
  state: Pick<ExecutorState, 'traces'> | null,
  intent: Spoken,
  answer: Answer,
): void {
  const { kind, symbol, clientOrderId: orderId, cancelClientOrderId, attempt } = intent;
  const trace = state?.traces.get(orderId);
  const fields = {
    ...{ orderId, symbol, asked: kind, answer: answer.kind, attempt },
    ...(cancelClientOrderId === null ? {} : { replaces: cancelClientOrderId }),
    ...(trace === undefined ? {} : { requestId: trace.requestId, traceId: trace.traceparent.split('-')[1] }),
    ...('code' in answer ? { code: answer.code } : {}),
    ...('reason' in answer ? { reason: answer.reason } : {}),
  };
  if (answer.kind === 'done') logger.info(fields, 'the venue answered');
  else logger.warn(fields, 'the venue did not do it');
}
