import { assertSecretFolder } from '../config/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import type { AuditEntry } from './access-entry.ts';
import { AccessFiles } from './access-files.ts';
import { type AccessDatabase, AccessLog } from './access-log.ts';
import { type EdgeMetrics, edgeMetrics } from './access-metrics.ts';
import { type AccessSettings, assertAccessSettings } from './access-settings.ts';
import { type AccessTable, loadAccessTable } from './access-table.ts';
import { type AccessDecision, decideAccess, type MatchedRoute, type RequestFacts } from './decide.ts';
import { isOneOf } from './hashes.ts';
import type { AccessHeaders } from './headers.ts';
import { IdTokens } from './id-token.ts';
import { ProviderKeys } from './provider-keys.ts';
import { covers, type PersonRole } from './roles.ts';
import { assertRoutes, RouteTable } from './route-table.ts';

export interface AccessControlOptions {
  /** The service's name in config/access.yaml. */
  readonly service: string;
  /** The service's schema, where calls are kept. */
  readonly schema: string;
  readonly settings: AccessSettings & { readonly ACCESS_DIR: string; readonly CONFIG_DIR: string };
  readonly db: AccessDatabase;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly wall: () => number;
  readonly monotonic: () => number;
}

/** So often files are looked at and open streams judged again, also without requests. */
const WATCH_MS = 1_000;
/** A key that the provider has withdrawn goes after so long. */
const KEYS_REFRESH_MS = 300_000;
/** Until the provider has answered once. */
const FIRST_KEYS_MS = 5_000;

interface OpenAnswer {
  readonly identity: string;
  readonly needed: PersonRole;
  /** Epoch milliseconds, wall time, when the token that opened it ends; undefined where none did. */
  readonly untilMs: number | undefined;
  readonly cut: () => void;
}

/** Access with ACCESS_CONTROL=edge: files, the provider's keys, the table of routes, the log of calls. */
export class AccessControl {
  readonly #options: AccessControlOptions;
  readonly #table: AccessTable;
  readonly #routes: RouteTable;
  readonly #files: AccessFiles;
  readonly #keys: ProviderKeys | undefined;
  readonly #tokens: IdTokens | undefined;
  readonly #log: AccessLog;
  readonly #metrics: EdgeMetrics;
  readonly #open = new Set<OpenAnswer>();
  readonly #timers: NodeJS.Timeout[] = [];

  /** @throws ConfigError when a setting is missing or a file broken */
  constructor(options: AccessControlOptions) {
    const { settings, logger, service } = options;
    assertAccessSettings(settings);
    this.#options = options;
    this.#table = loadAccessTable(settings.CONFIG_DIR);
    this.#routes = new RouteTable(this.#table.services[service] ?? {});
    this.#files = this.#openFiles();
    this.#keys = this.#openKeys();
    this.#tokens = this.#openTokens();
    this.#metrics = this.#openMetrics();
    this.#log = new AccessLog({
      ...{ db: options.db, schema: options.schema, logger, monotonic: options.monotonic },
      onRows: this.#metrics.rows,
    });
    this.#tellState();
  }

  /** Begins to watch the files and to read the provider's keys. */
  start(): void {
    const every = (ms: number, work: () => void) => this.#timers.push(setInterval(work, ms).unref());
    every(WATCH_MS, () => this.#watch());
    const keys = this.#keys;
    if (keys === undefined) return;
    void keys.refresh();
    every(FIRST_KEYS_MS, () => {
      if (keys.count === 0) void keys.refresh();
    });
    every(KEYS_REFRESH_MS, () => void keys.refresh());
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#log.close();
  }

  /** @throws ConfigError when a route has no row, or a row a role that it may not have */
  assertRoutes(routes: readonly string[]): void {
    assertRoutes(this.#table, this.#options.service, routes);
  }

  match(method: string, path: string): MatchedRoute {
    return this.#routes.match(method, path);
  }

  /** The client's address as the edge says it; undefined where it was not the edge that spoke. */
  addressOf(headers: AccessHeaders): string | undefined {
    const { edgeSecret, forwardedFor, duplicated } = headers;
    if (edgeSecret === undefined || duplicated.length > 0) return undefined;
    return isOneOf(edgeSecret, this.#files.policy().edgeSecrets) ? forwardedFor : undefined;
  }

  async decide(facts: RequestFacts): Promise<Exclude<AccessDecision, { outcome: 'needs-token' }>> {
    const began = this.#options.monotonic();
    const { wall } = this.#options;
    try {
      const first = decideAccess(facts, this.#files.policy(), wall());
      if (first.outcome !== 'needs-token') return first;
      const token = await this.#tokens?.find(first.token);
      if (token === undefined) return { outcome: 'refused', code: 'IDENTITY_KEYS_UNAVAILABLE' };
      // The policy anew: a verification may have waited for the provider.
      const second = decideAccess({ ...facts, token }, this.#files.policy(), wall());
      return second.outcome === 'needs-token' ? { outcome: 'refused', code: 'ID_TOKEN_INVALID' } : second;
    } finally {
      this.#metrics.checked((this.#options.monotonic() - began) / 1_000);
    }
  }

  /** False when there are too many at once and this one was only counted. */
  record(entry: AuditEntry): boolean {
    return this.#log.record(entry);
  }

  /**
   * Cuts an answer that goes on (an event stream) when its person loses the role, or when the token that opened it has
   * ended: who is signed in still comes again with a fresh one. Returns how to end the watch.
   */
  watchOpen(answer: OpenAnswer): () => void {
    this.#open.add(answer);
    return () => this.#open.delete(answer);
  }

  /** Why this service cannot judge as it should; for readiness. */
  faults(): readonly string[] {
    return this.#files.faults().map((fault) => `access: ${fault}`);
  }

  #watch(): void {
    const { people } = this.#files.policy();
    for (const answer of this.#open) {
      const operator = people.get(answer.identity);
      const ended = answer.untilMs !== undefined && this.#options.wall() >= answer.untilMs;
      if (!ended && operator !== undefined && covers(operator.role, answer.needed)) continue;
      this.#open.delete(answer);
      answer.cut();
    }
  }

  #openFiles(): AccessFiles {
    const { settings, monotonic, logger } = this.#options;
    assertSecretFolder('ACCESS_DIR', settings.ACCESS_DIR);
    return new AccessFiles({
      accessDir: settings.ACCESS_DIR,
      configDir: settings.CONFIG_DIR,
      identitySource: settings.IDENTITY_SOURCE,
      allowedOrigins: settings.ALLOWED_ORIGINS,
      monotonic,
      onChange: ({ people }, faults) => {
        if (faults.length > 0)
          logger.error({ faults }, 'a file that decides about access is broken; its last good content holds');
        else logger.info({ people: people.size }, 'who may enter was read anew');
      },
    });
  }

  #openKeys(): ProviderKeys | undefined {
    const { settings, monotonic, logger } = this.#options;
    const { IDENTITY_SOURCE, OIDC_JWKS_URL } = settings;
    if (IDENTITY_SOURCE !== 'oidc' || OIDC_JWKS_URL === undefined) return undefined;
    let away = false;
    return new ProviderKeys({
      url: OIDC_JWKS_URL,
      monotonic,
      onFetch: (outcome, problem) => {
        this.#metrics.fetched(outcome);
        if (outcome === 'failed' && !away)
          logger.warn({ problem }, "the identity provider's keys cannot be read");
        if (outcome === 'ok' && away) logger.info("the identity provider's keys can be read again");
        away = outcome === 'failed';
      },
    });
  }

  #openTokens(): IdTokens | undefined {
    const { OIDC_ISSUER, OIDC_AUDIENCES, OIDC_EMAIL_VERIFIED } = this.#options.settings;
    if (this.#keys === undefined || OIDC_ISSUER === undefined) return undefined;
    return new IdTokens({
      issuer: OIDC_ISSUER,
      audiences: OIDC_AUDIENCES,
      keys: this.#keys.key,
      emailVerified: OIDC_EMAIL_VERIFIED,
      wall: this.#options.wall,
    });
  }

  #openMetrics(): EdgeMetrics {
    const keys = this.#keys;
    return edgeMetrics(this.#options.metrics, {
      jwksAgeSeconds: keys && (() => keys.ageSeconds()),
      jwksKeys: keys && (() => keys.count),
      filesFaults: () => this.#files.faultsByFile(),
      people: () => this.#files.policy().people.size,
    });
  }

  #tellState(): void {
    const { logger } = this.#options;
    const missing = this.#files.missing();
    if (missing.length > 0) logger.warn({ missing }, 'without these files nobody passes their gate');
    const { people } = this.#files.policy();
    if (people.size === 0) logger.warn('config/operators.yaml lists nobody: nobody may enter');
  }
}
