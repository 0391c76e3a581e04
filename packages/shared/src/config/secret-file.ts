import { readFileSync, type Stats, statSync } from 'node:fs';
import { isSecretName } from '../errors/index.ts';
import { ConfigError, type ConfigFault } from './config-error.ts';

type FileFault = Omit<ConfigFault, 'name'>;
export type SecretFile = { readonly value: string } | { readonly fault: FileFault };

const BYTES_MAX = 64 * 1024;
/** Its group and everybody. */
const OTHERS_MAY_ANYTHING = 0o077;
const ROOT = 0;

/**
 * The trimmed content of the file that `<name>_FILE` points to. A file whose setting is a secret by its name must not
 * be open to its group or to everybody, and must belong to this process's user or root: whoever owns it writes it.
 */
export function readSecretFile(name: string, path: string): SecretFile {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return { fault: fault('is not a file', path, 'name a file, not a folder') };
    if (stats.size > BYTES_MAX)
      return { fault: fault(`has ${stats.size} bytes, more than ${BYTES_MAX}`, path, 'name the right file') };
    const found = isSecretName(name) ? accessFault(stats, path) : undefined;
    if (found !== undefined) return { fault: found };
    const value = readFileSync(path, 'utf8').trim();
    return value === '' ? { fault: fault('is empty', path, 'write the value into the file') } : { value };
  } catch (error) {
    return { fault: fault(reason(error), path, 'create the file and let the user of this service read it') };
  }
}

/**
 * A folder of secrets: others may do nothing with it, and it belongs to this process's user or root.
 * @throws ConfigError naming the setting, what is wrong and what to do. `uid` is this process's user.
 */
export function assertSecretFolder(name: string, path: string, uid?: number): void {
  const found = folderFault(path, uid);
  if (found !== undefined) throw new ConfigError('environment', [{ name, ...found }]);
}

function folderFault(path: string, uid: number | undefined): FileFault | undefined {
  try {
    const stats = statSync(path);
    if (!stats.isDirectory())
      return fault('is not a folder', path, 'name the folder of this service’s secrets');
    return accessFault(stats, path, uid);
  } catch (error) {
    return fault(reason(error), path, 'run scripts/init-secrets, and mount the folder of this service');
  }
}

/** Who else may read it, or whose it is. Root may read everybody's: it asks for no owner. */
export function accessFault(
  stats: Pick<Stats, 'mode' | 'uid' | 'isDirectory'>,
  path: string,
  uid: number | undefined = process.getuid?.(),
): FileFault | undefined {
  const right = stats.isDirectory() ? '0700' : '0400';
  if ((stats.mode & OTHERS_MAY_ANYTHING) !== 0) {
    const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
    return fault(
      `is a secret that others than its owner can use (mode ${mode})`,
      path,
      `run: chmod ${right} ${path}`,
    );
  }
  if (uid === undefined || uid === ROOT || stats.uid === uid || stats.uid === ROOT) return undefined;
  const action = `run scripts/init-secrets as root, or: chown ${uid} ${path}`;
  return fault(`belongs to user ${stats.uid}, and this service is user ${uid}`, path, action);
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'names a file that does not exist';
  if (code === 'EACCES') return 'names a file that this user may not read';
  return `names a file that cannot be read (${code ?? 'unknown error'})`;
}

function fault(problem: string, path: string, action: string): FileFault {
  return { problem: `${problem}: ${path}`, action };
}
