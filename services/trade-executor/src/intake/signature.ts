import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { OrderAuthorised } from '@fleet/domain/events';
import { canonicalOrder } from '@fleet/domain/execution';
import { clientOrderId } from '@fleet/domain/orders';
import { FleetError } from '@fleet/shared/errors';

/** Whose signature counts. */
export interface RiskKey {
  readonly keyId: string;
  readonly key: KeyObject;
}

/** @throws FleetError SIGNATURE_KEY_INVALID when the text is no Ed25519 public key. */
export function readRiskKey(pem: string, keyId: string): RiskKey {
  const invalid = (why: string) =>
    new FleetError(`RISK_PUBLIC_KEY is no Ed25519 public key: ${why}`, {
      code: 'SIGNATURE_KEY_INVALID',
      retry: 'crash',
      action: 'Give the public half of the risk manager’s key: openssl pkey -in KEY -pubout',
    });
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    throw invalid('it cannot be read');
  }
  if (key.asymmetricKeyType !== 'ed25519') throw invalid(`it is of type ${key.asymmetricKeyType}`);
  return { keyId, key };
}

/** Why an approval is none of the risk manager's for this run; null when it is. */
export function signatureFault(authorised: OrderAuthorised, run: string, risk: RiskKey): string | null {
  const { order, signature, keyId } = authorised;
  if (order.run !== run) return `it is for run ${order.run}`;
  if (order.clientOrderId !== clientOrderId(order.proposalId))
    return 'its client order id does not follow from its proposal id';
  if (keyId !== risk.keyId) return `it names key ${keyId}, and only ${risk.keyId} counts`;
  const signed = Buffer.from(canonicalOrder(order), 'utf8');
  if (!verify(null, signed, risk.key, Buffer.from(signature, 'base64'))) return 'the signature does not fit';
  return null;
}
