import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { defineError } from '../errors/index.ts';

/** Inside only: the refusal that people see is IDENTITY_KEYS_UNAVAILABLE. */
const ProviderKeysUnreadable = defineError({
  code: 'PROVIDER_KEYS_UNREADABLE',
  title: "The identity provider's keys could not be read",
  status: 503,
  retry: 'retry',
  action: 'Look at the identity provider and at OIDC_JWKS_URL; the service asks again by itself.',
});

export interface ProviderKeysOptions {
  readonly url: string;
  /** Milliseconds of a clock that does not run backwards. */
  readonly monotonic: () => number;
  /** Milliseconds after a good answer in which an unknown key id does not make them be read again; 10,000 when absent. */
  readonly coolDownMs?: number;
  readonly onFetch?: (outcome: 'ok' | 'failed', problem?: string) => void;
}

const ANSWER_MS_MAX = 3_000;
const COOL_DOWN_MS = 10_000;
/** After a failed one. Short, since meanwhile nobody with a new key gets in; long enough not to hammer. */
const FAILURE_COOL_DOWN_MS = 2_000;
const BYTES_MAX = 256 * 1024;

/**
 * The provider's public keys. Those read last hold for as long as the provider is away; a token with a key id that
 * is not among them makes them be read again. `refresh` from time to time, so that a withdrawn key goes.
 */
export class ProviderKeys {
  readonly #options: ProviderKeysOptions;
  readonly #remote: ReturnType<typeof createRemoteJWKSet>;
  readonly #began: number;
  #readAt: number | undefined;
  #failedAt: number | undefined;
  #count = 0;

  constructor(options: ProviderKeysOptions) {
    this.#options = options;
    this.#began = options.monotonic();
    this.#remote = createRemoteJWKSet(new URL(options.url), {
      timeoutDuration: ANSWER_MS_MAX,
      cooldownDuration: options.coolDownMs ?? COOL_DOWN_MS,
      cacheMaxAge: Number.POSITIVE_INFINITY,
      [customFetch]: (url, init) => this.#fetch(url, init),
    });
  }

  /** Number of keys at hand; 0 until the provider has answered once. */
  get count(): number {
    return this.#count;
  }

  /** Seconds since the keys were last read, since the start when they never were. */
  ageSeconds(): number {
    return (this.#options.monotonic() - (this.#readAt ?? this.#began)) / 1_000;
  }

  /** The key of a token. Throws jose's JWKSNoMatchingKey, or PROVIDER_KEYS_UNREADABLE when nobody can tell. */
  readonly key: JWTVerifyGetKey = async (header, token) => {
    try {
      return await this.#remote(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
        throw error;
      throw unreadable(error);
    }
  };

  /** Reads them anew. Resolves with false when that failed; then the earlier ones stay. */
  async refresh(): Promise<boolean> {
    return this.#remote.reload().then(
      () => true,
      () => false,
    );
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const now = this.#options.monotonic();
    if (this.#failedAt !== undefined && now - this.#failedAt < FAILURE_COOL_DOWN_MS)
      throw new ProviderKeysUnreadable('the provider failed a moment ago; it is asked again soon');
    try {
      const text = await keysOf(await fetch(url, init));
      this.#count = (JSON.parse(text) as { keys: unknown[] }).keys.length;
      this.#readAt = this.#options.monotonic();
      this.#failedAt = undefined;
      this.#options.onFetch?.('ok');
      return new Response(text);
    } catch (error) {
      this.#failedAt = this.#options.monotonic();
      const failure = unreadable(error);
      this.#options.onFetch?.('failed', failure.message);
      throw failure;
    }
  }
}

/** The text of a set with keys in it: an empty or broken answer must not take the place of good keys. */
async function keysOf(response: Response): Promise<string> {
  const text = await response.text();
  if (response.status !== 200) throw new Error(`the provider answered ${response.status}`);
  if (text.length > BYTES_MAX) throw new Error(`the answer has more than ${BYTES_MAX} characters`);
  const { keys } = JSON.parse(text) as { keys?: unknown };
  if (!Array.isArray(keys) || keys.length === 0) throw new Error('the answer holds no keys');
  if (!keys.every((key) => typeof key === 'object' && key !== null))
    throw new Error('the answer holds a key that is none');
  return text;
}

function unreadable(error: unknown): Error {
  if (error instanceof ProviderKeysUnreadable) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = cause as { code?: unknown; message?: unknown };
  // A DOMException's code is a number of old, which says nothing: of a time-out 23.
  const said = typeof code === 'string' ? code : message;
  return new ProviderKeysUnreadable(String(said).slice(0, 200), { cause: error });
}
