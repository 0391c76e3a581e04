import { basename, join } from 'node:path';
import { ConfigError } from '../config/index.ts';
import type { AccessPolicy } from './decide.ts';
import { contentLines, parseHashes, parseServiceSecrets } from './hashes.ts';
import { OPERATORS_FILE, type Operator, parseOperators, REVOKED_FILE } from './operators.ts';
import { WatchedFile } from './watched-file.ts';

export interface AccessFilesOptions {
  /** Folder of the `*_hashes` files. */
  readonly accessDir: string;
  /** Folder of operators.yaml and revoked-certificates.txt. */
  readonly configDir: string;
  readonly identitySource: AccessPolicy['identitySource'];
  readonly allowedOrigins: readonly string[];
  /** Milliseconds of a clock that does not run backwards. */
  readonly monotonic: () => number;
  /** Called after a change of any file, with what is wrong now. */
  readonly onChange?: (policy: AccessPolicy, faults: readonly string[]) => void;
}

const STAT_INTERVAL_MS = 1_000;
const FINGERPRINT = /^[0-9a-f]{64}$/;

/**
 * Who may enter, out of the files that people and scripts change while the service runs; at most a second old.
 * Without a file of hashes nobody passes that gate. @throws ConfigError when a file is broken at the start
 */
export class AccessFiles {
  readonly #options: AccessFilesOptions;
  readonly #secrets;
  readonly #people: WatchedFile<readonly Operator[]>;
  readonly #revoked: WatchedFile<ReadonlySet<string>>;
  readonly #all: readonly WatchedFile<unknown>[];
  #policy: AccessPolicy;
  #lookedAt: number;

  constructor(options: AccessFilesOptions) {
    this.#options = options;
    const hashes = (name: string) =>
      new WatchedFile({
        path: join(options.accessDir, name),
        parse: parseHashes,
        whenMissing: [],
        secret: true,
      });
    this.#secrets = {
      edge: hashes('edge_secret_hashes'),
      edgeAdmin: hashes('edge_admin_secret_hashes'),
      adminToken: hashes('admin_token_hashes'),
      service: new WatchedFile({
        path: join(options.accessDir, 'service_secret_hashes'),
        parse: parseServiceSecrets,
        whenMissing: [],
        secret: true,
      }),
    };
    this.#people = new WatchedFile({ path: join(options.configDir, OPERATORS_FILE), parse: parseOperators });
    this.#revoked = new WatchedFile({ path: join(options.configDir, REVOKED_FILE), parse: parseRevoked });
    this.#all = [...Object.values(this.#secrets), this.#people, this.#revoked];
    this.#policy = this.#read();
    this.#lookedAt = options.monotonic();
  }

  /** As the files say it now. */
  policy(): AccessPolicy {
    const now = this.#options.monotonic();
    if (now - this.#lookedAt < STAT_INTERVAL_MS) return this.#policy;
    this.#lookedAt = now;
    const changed = this.#all.filter((file) => file.refresh());
    if (changed.length > 0) {
      this.#policy = this.#read();
      this.#options.onChange?.(this.#policy, this.faults());
    }
    return this.#policy;
  }

  /** What is wrong, in words; empty when every file is good. */
  faults(): readonly string[] {
    return this.#all.flatMap(({ fault }) => fault ?? []);
  }

  /** Files that were never there: the gates that nobody passes. */
  missing(): readonly string[] {
    return this.#all.filter(({ wasThere }) => !wasThere).map(({ path }) => path);
  }

  /** 1 for each file that is broken, by its name. */
  faultsByFile(): ReadonlyMap<string, 0 | 1> {
    return new Map(this.#all.map(({ path, fault }) => [basename(path), fault === undefined ? 0 : 1]));
  }

  #read(): AccessPolicy {
    const people = this.#people.content;
    const { identitySource, allowedOrigins } = this.#options;
    return {
      edgeSecrets: this.#secrets.edge.content,
      edgeAdminSecrets: this.#secrets.edgeAdmin.content,
      adminTokens: this.#secrets.adminToken.content,
      serviceSecrets: this.#secrets.service.content,
      people: new Map(people.map((operator) => [operator.identity, operator])),
      owners: new Map(people.flatMap(({ identity, certificates }) => certificates.map((f) => [f, identity]))),
      revoked: this.#revoked.content,
      identitySource,
      allowedOrigins: new Set(allowedOrigins),
    };
  }
}

/** A fingerprint a line, `#` comments. @throws ConfigError: a line that revokes nothing is a certificate that still passes */
export function parseRevoked(text: string, source: string): ReadonlySet<string> {
  const lines = contentLines(text);
  const broken = lines.filter(({ text: line }) => !FINGERPRINT.test(line));
  if (broken.length > 0) {
    const problem = 'is no SHA-256 fingerprint in 64 lower-case hex digits without colons';
    throw new ConfigError(
      source,
      broken.map(({ line }) => ({ name: `${source}:${line}`, problem, action: 'correct the line' })),
    );
  }
  return new Set(lines.map(({ text: line }) => line));
}
