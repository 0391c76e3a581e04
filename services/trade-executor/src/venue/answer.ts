import { safeError } from '@fleet/shared/errors';
import { proofOf, refusalCode, VenueAnswerError } from './errors.ts';
import { canceledFact, orderFact } from './map.ts';
import type { Answer } from './port.ts';
import { canceledSchema, replacedSchema, replaceFailureSchema } from './schema.ts';

const REPLACE_PARTLY_FAILED = -2021;
const REPLACE_FAILED = -2022;

/** The outcome of a request. Never rejects: a failure that proves nothing is the value `ambiguous`. */
export async function requestAnswer(send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send();
  } catch (error) {
    return failure(error);
  }
}

export function replaceAnswer(send: () => Promise<unknown>): Promise<Answer> {
  return requestAnswer(async () => {
    try {
      const done = replacedSchema.parse(await send());
      return {
        kind: 'done',
        order: orderFact(done.newOrderResponse),
        canceled: canceledFact(done.cancelResponse),
      };
    } catch (error) {
      return halves(error) ?? failure(error);
    }
  });
}

/** A cancel-replace that was not wholly done says in `data` which half was. */
function halves(error: unknown): Answer | null {
  if (!(error instanceof VenueAnswerError)) return null;
  if (error.venueCode !== REPLACE_PARTLY_FAILED && error.venueCode !== REPLACE_FAILED) return null;
  const data = replaceFailureSchema.safeParse(error.data);
  if (!data.success) return { kind: 'ambiguous', reason: error.message };
  const { cancelResult, cancelResponse, newOrderResponse } = data.data;
  if (cancelResult === 'FAILURE') return { kind: 'cancel-failed', ...refusal(cancelResponse) };
  const canceled = canceledSchema.safeParse(cancelResponse);
  if (!canceled.success) return { kind: 'ambiguous', reason: error.message };
  return {
    kind: 'place-failed',
    canceled: canceledFact(canceled.data),
    ...refusal(newOrderResponse),
    untimely: proofOf(new VenueAnswerError(400, newOrderResponse)) === 'untimely',
  };
}

function refusal(body: unknown): { readonly code: string; readonly reason: string } {
  const error = new VenueAnswerError(400, body);
  return { code: refusalCode(error), reason: error.message };
}

function failure(error: unknown): Answer {
  const proof = proofOf(error);
  const reason = safeError(error).message.slice(0, 280);
  if (proof === 'ambiguous') return { kind: 'ambiguous', reason };
  return { kind: proof, code: refusalCode(error), reason };
}
