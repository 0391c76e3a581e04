import { readFileSync, statSync } from 'node:fs';
import { isSecretName } from '../errors/index.ts';
import type { ConfigFault } from './config-error.ts';

type FileFault = Omit<ConfigFault, 'name'>;
export type SecretFile = { readonly value: string } | { readonly fault: FileFault };

const BYTES_MAX = 64 * 1024;
const OTHERS_MAY_READ = 0o004;

/**
 * The trimmed content of the file that `<name>_FILE` points to. A file whose setting is a secret by its name must not
 * be readable by every user of the machine: mode 0400 or 0440, owned by the service's user.
 */
export function readSecretFile(name: string, path: string): SecretFile {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return fault('is not a file', path, 'name a file, not a folder');
    if (stats.size > BYTES_MAX)
      return fault(`has ${stats.size} bytes, more than ${BYTES_MAX}`, path, 'name the right file');
    if (isSecretName(name) && (stats.mode & OTHERS_MAY_READ) !== 0) {
      const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
      return fault(`is a secret that every user can read (mode ${mode})`, path, `run: chmod 0400 ${path}`);
    }
    const value = readFileSync(path, 'utf8').trim();
    return value === '' ? fault('is empty', path, 'write the value into the file') : { value };
  } catch (error) {
    return fault(reason(error), path, 'create the file and let the user of this service read it');
  }
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'names a file that does not exist';
  if (code === 'EACCES') return 'names a file that this user may not read';
  return `names a file that cannot be read (${code ?? 'unknown error'})`;
}

function fault(problem: string, path: string, action: string): { readonly fault: FileFault } {
  return { fault: { problem: `${problem}: ${path}`, action } };
}
