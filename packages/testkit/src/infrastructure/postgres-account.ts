import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { InfrastructureError } from './infrastructure-error.ts';

export interface PostgresAccount {
  /** Whose the data is. Undefined: the user who runs this. */
  readonly owner?: UserIds;
  /** Root's owner may not enter the paths by himself. */
  readonly needsPass: boolean;
}

export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

export interface Invocation {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

const SETPRIV = '/usr/bin/setpriv';
/** `nobody` exists on every Debian and Ubuntu, so no account has to be made on the machine. */
const ACCOUNTS = ['postgres', 'nobody'];

/**
 * The user whom the Postgres of a data folder runs as. An ordinary user runs it as himself. For root, whom Postgres
 * refuses, it is the owner of the data that is there already, else `postgres` or `nobody`.
 * @param paths what that user must be able to read; all exist.
 * @throws InfrastructureError when root has no such user, or no way to let him pass.
 */
export function postgresAccount(paths: readonly string[], data: string): PostgresAccount {
  if (process.getuid?.() !== 0) return { needsPass: false };
  const owner = ownerOf(data) ?? ACCOUNTS.map(idsOf).find((found) => found !== undefined);
  if (owner === undefined) {
    throw new InfrastructureError(
      'Postgres does not run as root, and this machine has neither a user postgres nor nobody',
      'useradd --system postgres, or run as an ordinary user, or set DATABASE_URL',
    );
  }
  const closed = paths.find((path) => !mayRead(path, owner));
  if (closed !== undefined && !existsSync(SETPRIV)) {
    throw new InfrastructureError(
      `Postgres runs as user ${owner.uid}, who may not enter ${closed}`,
      'move the checkout where every user may enter, or install util-linux (setpriv), or set DATABASE_URL',
    );
  }
  return { owner, needsPass: closed !== undefined };
}

/**
 * A command as the account runs it. Where the path is closed to it (a checkout under /root, say), it keeps of root
 * the one capability that lets it pass, CAP_DAC_OVERRIDE. Without no_setuid_fixup access(2), by which initdb looks
 * for its programs, would still answer as if it had none.
 */
export function invocation(account: PostgresAccount, command: string, args: readonly string[]): Invocation {
  const { owner, needsPass } = account;
  if (owner === undefined) return { command, args };
  if (!needsPass) return { command, args, uid: owner.uid, gid: owner.gid };
  const kept = '-all,+dac_override';
  const ids = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
  const capabilities = ['--securebits=+no_setuid_fixup', `--inh-caps=${kept}`, `--ambient-caps=${kept}`];
  return { command: SETPRIV, args: [...ids, ...capabilities, '--', command, ...args] };
}

function mayRead(path: string, ids: UserIds): boolean {
  return spawnSync('/bin/sh', ['-c', 'test -r "$0"', path], { ...ids, cwd: '/' }).status === 0;
}

function ownerOf(data: string): UserIds | undefined {
  const stat = statSync(data, { throwIfNoEntry: false });
  return stat === undefined || stat.uid === 0 ? undefined : { uid: stat.uid, gid: stat.gid };
}

function idsOf(name: string): UserIds | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
