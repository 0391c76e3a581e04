import type { RefusalCode } from '@fleet/domain/supervision';
import { defineError, type FleetError } from '@fleet/shared/errors';
import type { LocalInputs, PersonsInput } from '../supervision/inputs.ts';
import type { PersonsAnswer } from '../supervision/person-inputs.ts';
import { type AskedBy, figuresOf, type OrchestratorDeps, personsInput } from './deps.ts';

const refusal = (code: RefusalCode, title: string, action: string) =>
  defineError({ code, title, status: 409, retry: 'park', action });

const REFUSALS: Readonly<Record<RefusalCode, ReturnType<typeof refusal>>> = {
  TRADING_NOT_STOPPED: refusal(
    'TRADING_NOT_STOPPED',
    'Trading is active: there is nothing to lift',
    'Nothing is to do.',
  ),
  FLATTEN_UNDER_WAY: refusal(
    'FLATTEN_UNDER_WAY',
    'Everything is being sold',
    'Wait for the halt that follows, or halt without flatten to stop the sells.',
  ),
  RECONCILIATION_NOT_CLEAN: refusal(
    'RECONCILIATION_NOT_CLEAN',
    'The record of orders and balances differs from the venue',
    'Look at the last reconciliation of the trade executor, settle the differences, reconcile again.',
  ),
  MARKET_DATA_NOT_FRESH: refusal(
    'MARKET_DATA_NOT_FRESH',
    'There are no fresh market data',
    'Look at the market analyst and the venue; the reduction lifts by itself when bars come again.',
  ),
  DAILY_TARGET_REACHED: refusal(
    'DAILY_TARGET_REACHED',
    'The target of the day is reached and locked',
    'The next trading day lifts it. To begin the day anew at the present equity: POST /admin/pnl/reset.',
  ),
  NO_OPEN_DAY: refusal(
    'NO_OPEN_DAY',
    'No trading day is open yet',
    'Wait for the first bar and the first equity of the run.',
  ),
};

export const REFUSAL_PROBLEMS = Object.keys(REFUSALS);

type Command = 'person.halt' | 'person.unhalt' | 'person.reduce' | 'person.reset-day';
type Granted = Extract<PersonsAnswer, { readonly trading: unknown }>;

/** Decides a person's command in the leaseholder's queue. @throws the refusal as a named error. */
export async function command<Type extends Command>(
  deps: OrchestratorDeps,
  context: AskedBy,
  type: Type,
  asked: { readonly reason: string; readonly actor: string; readonly breakGlass?: boolean },
  more: Omit<LocalInputs[Type], keyof PersonsInput>,
): Promise<Granted> {
  const input = personsInput(deps, context, asked);
  const { breakGlass } = asked;
  const data = { ...input, ...more, ...(breakGlass ? { breakGlass } : {}) } as LocalInputs[Type];
  const answer = await deps.submit(type, `${type}:${input.requestId}`, data, context);
  // A repetition of what an earlier commit holds: what holds now is the answer.
  if (answer === undefined) return { kind: 'unchanged', trading: figuresOf(deps).trading };
  const said = answer as PersonsAnswer;
  if (said.kind === 'refused') throw refusalOf(said);
  return said;
}

function refusalOf({ code, message }: Extract<PersonsAnswer, { readonly kind: 'refused' }>): FleetError {
  return new REFUSALS[code](message);
}
