import { createPrivateKey, sign } from 'node:crypto';
import type { AuthorisedOrder } from '@fleet/domain/events';
import { canonicalOrder } from '@fleet/domain/execution';
import { signingKeyId } from '@fleet/domain/ids';
import { FleetError } from '@fleet/shared/errors';

/** Signs an approved order; same order and key, same signature. */
export interface Signer {
  readonly keyId: string;
  sign(order: AuthorisedOrder): string;
}

/**
 * Ed25519 over the canonical order. Without a name the key goes by the id that follows from it, so that a rotation can
 * tell old from new.
 * @throws FleetError SIGNING_KEY_INVALID when the text is no Ed25519 private key.
 */
export function createSigner(pem: string, keyId?: string): Signer {
  const key = readKey(pem);
  return {
    keyId: keyId ?? signingKeyId(key),
    sign: (order) => sign(null, Buffer.from(canonicalOrder(order), 'utf8'), key).toString('base64'),
  };
}

function readKey(pem: string) {
  let key: ReturnType<typeof createPrivateKey>;
  try {
    key = createPrivateKey(pem);
  } catch {
    // The cause is left out: its message may carry parts of the key.
    throw invalidKey('it cannot be read');
  }
  if (key.asymmetricKeyType !== 'ed25519') throw invalidKey(`it is of type ${key.asymmetricKeyType}`);
  return key;
}

function invalidKey(why: string): FleetError {
  return new FleetError(`RISK_SIGNING_KEY is no Ed25519 private key: ${why}`, {
    code: 'SIGNING_KEY_INVALID',
    retry: 'crash',
    action: 'Run scripts/init-secrets, or make a key with: openssl genpkey -algorithm ed25519',
  });
}
