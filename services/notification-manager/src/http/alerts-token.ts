import { createHash } from 'node:crypto';
import { isOneOf, parseHashes, WatchedFile } from '@fleet/shared/access';

export interface AlertsTokenOptions {
  /** The token itself, where there is no edge. */
  readonly token: string | undefined;
  /** The file of its hashes, behind the edge. */
  readonly hashesFile: string | undefined;
  /** The file became unreadable: what it said last holds. */
  readonly onFault: (fault: string) => void;
}

/**
 * Whether a bearer is the alerts token; undefined when none is set. The file is read again when it has changed.
 * @throws ConfigError when the file is broken at the start
 */
export function alertsToken({ token, hashesFile, onFault }: AlertsTokenOptions) {
  const fixed = token === undefined ? [] : [createHash('sha256').update(token).digest()];
  const file =
    hashesFile === undefined
      ? undefined
      : new WatchedFile({ path: hashesFile, parse: parseHashes, whenMissing: [], secret: true });
  return (sent: string): boolean | undefined => {
    if (file?.refresh() === true && file.fault !== undefined) onFault(file.fault);
    const hashes = [...fixed, ...(file?.content ?? [])];
    return hashes.length === 0 ? undefined : isOneOf(sent, hashes);
  };
}
