import { randomBytes } from 'node:crypto';
import { type Identity, type OidcClient, RefreshRefused } from './oidc-client.ts';

interface Session {
  identity: Identity;
  /** Epoch ms of the sign-in or the last refresh. */
  freshAt: number;
  /** The refresh under way, which all parallel requests wait for. */
  refreshing: Promise<void> | undefined;
}

export interface SessionsOptions {
  readonly client: OidcClient;
  /** Seconds; 0 never refreshes. */
  readonly refreshAfter: number;
}

/**
 * Sessions on the server, found by a ticket in the cookie. Older than `refreshAfter` a session is refreshed, once for all
 * requests that come meanwhile; then it must still hold a token that has not ended. A provider that is away ends no
 * session whose token still lives; one that refuses the refresh token does.
 */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  open(identity: Identity): string {
    const ticket = randomBytes(32).toString('base64url');
    this.#sessions.set(ticket, { identity, freshAt: Date.now(), refreshing: undefined });
    return ticket;
  }

  close(ticket: string): void {
    this.#sessions.delete(ticket);
  }

  /** Undefined when the ticket opens nothing (any more). */
  async find(ticket: string): Promise<Identity | undefined> {
    const session = this.#sessions.get(ticket);
    if (session === undefined) return undefined;
    if (!this.#isDue(session)) return session.identity;
    session.refreshing ??= this.#refresh(session).finally(() => {
      session.refreshing = undefined;
    });
    try {
      await session.refreshing;
    } catch {
      this.close(ticket);
      return undefined;
    }
    return session.identity;
  }

  #isDue(session: Session): boolean {
    const { refreshAfter } = this.#options;
    return refreshAfter > 0 && Date.now() - session.freshAt > refreshAfter * 1_000;
  }

  async #refresh(session: Session): Promise<void> {
    const { refreshToken } = session.identity;
    if (refreshToken !== undefined) {
      try {
        session.identity = await this.#options.client.refresh(refreshToken);
        session.freshAt = Date.now();
      } catch (error) {
        if (error instanceof RefreshRefused) throw error;
      }
    }
    if (session.identity.expires * 1_000 <= Date.now()) throw new Error('the session has expired');
  }
}
