import { createHash } from 'node:crypto';
import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyResult, jwtVerify } from 'jose';
import { CLOCK_TOLERANCE_SECONDS, type TokenFinding } from './decide.ts';
import { identityOf } from './identity.ts';

export interface IdTokenOptions {
  readonly issuer: string;
  /** A token for one of them is ours. */
  readonly audiences: readonly string[];
  readonly keys: JWTVerifyGetKey;
  /** claim: only with `email_verified: true`. provider: also without the claim; one that says no is refused all the same. */
  readonly emailVerified: 'claim' | 'provider';
  /** Milliseconds since 1970-01-01 UTC. */
  readonly wall: () => number;
}

/** Signatures of a key pair alone: with a secret in common, or with none, the provider's public key would sign. */
export const TOKEN_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const TOKENS_KEPT_MAX = 512;
const CHARACTERS_MAX = 12_000;

/**
 * Verifies ID tokens. A verified signature is remembered (of the 512 tokens used last), so that a page that asks every second
 * costs one verification; whether the person may still enter is never remembered.
 */
export class IdTokens {
  readonly #options: IdTokenOptions;
  /** By the token's hash, the one used longest ago first. */
  readonly #kept = new Map<string, TokenFinding & { kind: 'verified' }>();

  constructor(options: IdTokenOptions) {
    this.#options = options;
  }

  /** Number of verified tokens at hand. */
  get size(): number {
    return this.#kept.size;
  }

  /** Never rejects: what is wrong is the answer. Times are judged by whoever decides. */
  async find(token: string): Promise<TokenFinding> {
    if (token.length > CHARACTERS_MAX) return invalid('it is too long');
    const id = createHash('sha256').update(token).digest('base64');
    const kept = this.#kept.get(id);
    if (kept !== undefined) {
      this.#kept.delete(id);
      this.#kept.set(id, kept);
      return kept;
    }
    return this.#verify(token, id);
  }

  #keep(id: string, found: TokenFinding & { kind: 'verified' }): void {
    this.#kept.set(id, found);
    if (this.#kept.size <= TOKENS_KEPT_MAX) return;
    const oldest = this.#kept.keys().next();
    if (!oldest.done) this.#kept.delete(oldest.value);
  }

  async #verify(token: string, id: string): Promise<TokenFinding> {
    const { issuer, audiences, keys, wall } = this.#options;
    try {
      const verified: JWTVerifyResult = await jwtVerify(token, keys, {
        issuer,
        audience: [...audiences],
        algorithms: TOKEN_ALGORITHMS,
        requiredClaims: ['exp', 'iat'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(wall()),
      });
      const { typ } = verified.protectedHeader;
      // RFC 9068 and others: an access or logout token of the same provider is signed by the same key.
      if (typ !== undefined && typ.toUpperCase() !== 'JWT')
        return invalid(`it is a token of type ${typ.slice(0, 40)}`);
      const found = claimsOf(verified.payload, this.#options);
      // Only here, where nothing was left unverified: what comes out of an error is answered and forgotten.
      if (found.kind === 'verified') this.#keep(id, found);
      return found;
    } catch (error) {
      return findingOf(error, this.#options);
    }
  }
}

type Expected = Pick<IdTokenOptions, 'audiences' | 'emailVerified'>;

/** Its signature, issuer and audience are right; exp and nbf are jose's last look, so that a late token has all else. */
function findingOf(error: unknown, expected: Expected): TokenFinding {
  if (error instanceof errors.JWTExpired) return claimsOf(error.payload, expected);
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'nbf' && error.reason === 'check_failed') return claimsOf(error.payload, expected);
    return invalid(`its claim ${error.claim} is not what is expected here`);
  }
  if (error instanceof errors.JWKSNoMatchingKey)
    return invalid("it is signed by none of the provider's keys");
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return invalid("it does not say by which of the provider's keys it is signed");
  if (error instanceof errors.JOSEAlgNotAllowed)
    return invalid('it is signed by an algorithm that is not allowed');
  if (error instanceof errors.JWSSignatureVerificationFailed) return invalid('its signature is wrong');
  if (error instanceof errors.JOSEError) return invalid('it is no signed token');
  const detail = error instanceof Error ? error.message : String(error);
  return { kind: 'refused', code: 'IDENTITY_KEYS_UNAVAILABLE', detail: detail.slice(0, 200) };
}

function claimsOf(payload: JWTPayload, { audiences, emailVerified }: Expected): TokenFinding {
  const { exp, iat, nbf, azp, email, email_verified: verified } = payload;
  if (exp === undefined || iat === undefined) return invalid('it does not say from when to when it holds');
  // OpenID Connect Core 3.1.3.7: a token that was made for another client is not ours, though we are in its audience.
  if (azp !== undefined && !audiences.includes(String(azp)))
    return invalid('its authorised party is another client');
  if (typeof email !== 'string' || email === '')
    return invalid('it has no claim email: let the provider put it into ID tokens');
  if (verified !== true && !(verified === undefined && emailVerified === 'provider'))
    return invalid(
      verified === undefined
        ? 'it does not say that its e-mail is verified (claim email_verified)'
        : 'the provider has not verified its e-mail',
    );
  const identity = identityOf(email);
  if (identity === undefined) return invalid('its e-mail has characters other than printable ASCII');
  return {
    kind: 'verified',
    identity,
    issuedAt: iat,
    notBefore: nbf,
    expiresAt: exp,
  };
}

function invalid(detail: string): TokenFinding {
  return { kind: 'refused', code: 'ID_TOKEN_INVALID', detail };
}
