import { verify } from 'node:crypto';
import type { OrderAuthorised } from '@fleet/domain/events';
import { canonicalOrder } from '@fleet/domain/execution';
import { clientOrderId } from '@fleet/domain/orders';
import type { RiskKeys } from './risk-keys.ts';

/** Why an approval is none of the risk manager's for this run; null when it is. */
export function signatureFault(authorised: OrderAuthorised, run: string, risk: RiskKeys): string | null {
  const { order, signature, keyId } = authorised;
  if (order.run !== run) return `it is for run ${order.run}`;
  if (order.clientOrderId !== clientOrderId(order.proposalId))
    return 'its client order id does not follow from its proposal id';
  const keys = risk.named(keyId);
  if (keys.length === 0) return `it names key ${keyId}, and only ${risk.ids().join(' and ')} count`;
  const signed = Buffer.from(canonicalOrder(order), 'utf8');
  const given = Buffer.from(signature, 'base64');
  return keys.some((key) => verify(null, signed, key, given)) ? null : 'the signature does not fit';
}
