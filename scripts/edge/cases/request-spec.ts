import type { Person } from '../provider/people.ts';

/** The port that is knocked at, each with the name and the TLS server name that belong to it. */
export type Entry = 'app' | 'admin' | 'grafana' | 'http';
/**
 * `agents`: from another container of the services' network, straight to the target. `inside`: from one that is on every
 * network behind the edge.
 */
export type Origin = 'outside' | 'agents' | 'inside';

export type CertificateName =
  | Person
  | 'wrong-ca'
  | 'self-signed'
  | 'expired'
  | 'not-yet-valid'
  | 'revoked'
  | 'unregistered'
  | 'server-only';

/** How a bearer token came to be. `fresh`: of this person, by a sign-in at the provider, seconds old. */
export type TokenName =
  | 'fresh'
  | 'expired'
  | 'future'
  | 'other-audience'
  | 'other-issuer'
  | 'other-key'
  | 'alg-none'
  | 'hmac-by-public-key'
  | 'changed-claims'
  | 'without-email'
  | 'access-token';

export type CookieName = 'own' | 'signed-out' | 'forged' | 'shortened';

/**
 * A request as a table row says it; what is absent is not sent. Two requests differ in one thing when one key differs.
 * Placeholders in texts: `{domain}`, `{httpsPort}`, `{adminPort}`, `{certificate:anna}` (bare base64), `{token:anna}`,
 * `{basic:prometheus}`, `{unique}`, and in headers `{slack-now}`, `{slack-old}`, `{slack-signature}`,
 * `{slack-signature-old}`, `{slack-signature-of-another-body}`.
 */
export interface RequestSpec {
  readonly from: Origin;
  readonly entry: Entry;
  /** Whose certificate, sign-in and token, unless another is named below. */
  readonly person: Person;
  /** `admin` entry and `agents` only: the client certificate, in the handshake or as the edge would hand it on. */
  readonly certificate?: CertificateName | undefined;
  readonly signedIn?: 'cookie' | 'token' | undefined;
  readonly token?: TokenName;
  readonly cookie?: CookieName;
  readonly adminToken?: 'right' | 'wrong' | undefined;
  /** `agents` only: what the edge would add. `other` is another service's. */
  readonly edgeSecret?: 'right' | 'wrong' | 'other' | undefined;
  readonly edgeAdminSecret?: 'right' | 'wrong' | undefined;
  /** TLS server name; null sends none. */
  readonly sni?: string | null;
  readonly host?: string | readonly string[];
  readonly tls?: { readonly version?: 'TLSv1' | 'TLSv1.1'; readonly ciphers?: string } | 'none';
  readonly http?: '1.0';
  readonly method: string;
  /** As sent, not normalised. */
  readonly path: string;
  /** Whole lines, in their order; two of one name are two. */
  readonly headers?: readonly string[];
  readonly contentType?: string | undefined;
  readonly origin?: string | undefined;
  readonly body?: string;
  /** `length`: Content-Length by the body. */
  readonly framing?: 'length' | 'chunked' | 'both' | 'two-lengths' | 'bad-chunk' | 'short';
  /** Sent in parts of this many bytes, one a second. */
  readonly bytesPerSecond?: number;
  /** A header of so many characters is added. */
  readonly padding?: number;
  /** `agents` only. */
  readonly target?: string;
}

/** Where a request ended. `network`: nothing could be reached; `neighbour`: another program refused by itself. */
export type Layer = 'tls' | 'traefik' | 'oauth2-proxy' | 'service' | 'network' | 'neighbour';

export interface Refusal {
  readonly by: Layer;
  readonly status?: number | readonly number[];
  /** Code of the service's problem. */
  readonly code?: string;
  /** Part of what the TLS layer says: `CERTIFICATE_EXPIRED`. */
  readonly alert?: string;
}

export interface EdgeCase {
  readonly id: string;
  /** What is wrong, in words. */
  readonly wrong: string;
  /** Passes: the twin. */
  readonly base: RequestSpec;
  /** Made of the twin by these, one thing unless `gates` says that several are missing together. */
  readonly change: Partial<RequestSpec>;
  readonly gates?: 2;
  readonly refused: Refusal;
  /** Of the twin; 200 when absent. */
  readonly passes?: number;
  /** Behind the twin stands no service of the fleet, so none has counted it. */
  readonly noService?: true;
}

export function badRequest({ base, change }: EdgeCase): RequestSpec {
  return { ...base, ...change };
}

/** True where a program that is no service answers what the edge lets pass. */
export function leadsToProgram({ from, entry, path }: RequestSpec): boolean {
  return (
    from === 'outside' &&
    (entry === 'grafana' || (entry === 'admin' && /^\/(prometheus|alertmanager)\//.test(path)))
  );
}
