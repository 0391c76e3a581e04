import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { defineError } from '../errors/index.ts';
import { closeFunctions, lockHolders } from './closed-server.ts';

export interface MigrateOptions {
  /** A role that may create schemas and roles. */
  readonly adminUrl: string;
  readonly schema: string;
  /** The service's role: DML on its own schema and nothing else. Without `logins` the service comes in as it. */
  readonly role: string;
  readonly rolePassword?: string;
  /** Members of the role, under which the service comes in in its place; the role itself then cannot log in. */
  readonly logins?: readonly LoginRole[];
  /** Connections that each way in may have at once; without bound when absent. One service must not take those of all. */
  readonly connectionLimit?: number;
  /** Milliseconds for which somebody else's lock is waited for; 60,000 when absent. */
  readonly lockTimeoutMs?: number;
  /** Folders of the service's own `*.sql` files. The kit's tables are always created first. */
  readonly dirs: readonly string[];
  /** Where the kit's own files are when the program is bundled; beside its source when absent. */
  readonly kitDir?: string;
  readonly log?: (message: string) => void;
}

export interface LoginRole {
  readonly name: string;
  /** Null: nobody comes in as it, and who is in is put out. */
  readonly password: string | null;
}

export const MigrationError = defineError({
  code: 'MIGRATION_REFUSED',
  title: 'The database migration cannot run as it is',
  status: 500,
  retry: 'crash',
  action: 'Correct what the message names, then start again: a migration that ran is not run a second time.',
});

const MIGRATIONS_TABLE = 'migrations';
const LOCK_TIMEOUT_MS = 60_000;
const LOCK_NOT_AVAILABLE = '55P03';
/** One for all schemas: roles and grants are shared between them and do not bear concurrent changes. */
const LOCK = 742_390_115;
const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/** Folder of the kit's own tables: leases, inbox, outbox, parked, kit_settings. */
export const kitMigrationsDir = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Creates schema and role and applies what has not run yet, each call in one transaction. Idempotent, and safe when
 * several processes call it at once (they take turns).
 * @returns names of the migrations that were applied now.
 * @throws MigrationError when what is asked cannot be done, or somebody holds a lock for too long: it says who.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  assertName('schema', options.schema);
  assertName('role', options.role);
  for (const { name } of options.logins ?? []) assertName('role', name);
  const dirs = [options.kitDir ?? kitMigrationsDir, ...options.dirs];
  await assertDistinct(dirs);
  const client = new pg.Client({ connectionString: options.adminUrl, application_name: 'migrate' });
  await client.connect();
  try {
    await client.query(`SET lock_timeout = ${options.lockTimeoutMs ?? LOCK_TIMEOUT_MS}`);
    return await underLock(client, options, dirs);
  } catch (error) {
    throw isLockTimeout(error) ? await heldError(client, options.schema, error) : error;
  } finally {
    await client.end();
  }
}

async function underLock(
  client: pg.Client,
  options: MigrateOptions,
  dirs: readonly string[],
): Promise<string[]> {
  await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
  await ensureRole(client, options);
  const applied: string[] = [];
  for (const dir of dirs) applied.push(...(await apply(client, options, dir)));
  await grant(client, options);
  await closeFunctions(client);
  await ensureLogins(client, options);
  return applied;
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE;
}

async function heldError(client: pg.Client, schema: string, cause: unknown): Promise<Error> {
  await client.query('ROLLBACK'); // the failed transaction answers no question
  const holders = await lockHolders(client, LOCK, schema);
  const who = holders.length === 0 ? 'nobody holds it any more: start again' : holders.join('; ');
  return new MigrationError(`a lock was waited for in vain. ${who}`, { cause });
}

async function apply(client: pg.Client, options: MigrateOptions, dir: string): Promise<string[]> {
  const log = options.log ?? (() => {});
  const done = await runner({
    dbClient: client,
    dir,
    direction: 'up',
    schema: options.schema,
    createSchema: true,
    migrationsTable: MIGRATIONS_TABLE,
    checkOrder: false,
    noLock: true,
    ignorePattern: '(?!.*\\.sql$).*',
    log,
  });
  return done.map((migration) => migration.name);
}

async function ensureRole(client: pg.Client, options: MigrateOptions): Promise<void> {
  const { role, rolePassword, logins, connectionLimit } = options;
  if ((rolePassword === undefined) === (logins === undefined))
    throw new MigrationError(`role "${role}" needs either a password or logins of its own`);
  await setRole(client, { name: role, password: rolePassword ?? null }, connectionLimit);
}

const UNLIMITED = -1;
const ORDINARY = 'NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';

async function setRole(
  client: pg.Client,
  { name, password }: LoginRole,
  connectionLimit: number = UNLIMITED,
): Promise<void> {
  const verb = (await exists(client, name)) ? 'ALTER' : 'CREATE';
  const login =
    password === null ? 'NOLOGIN PASSWORD NULL' : `LOGIN PASSWORD ${client.escapeLiteral(password)}`;
  const limit = `CONNECTION LIMIT ${connectionLimit}`;
  await client.query(`${verb} ROLE ${client.escapeIdentifier(name)} ${ORDINARY} INHERIT ${limit} ${login}`);
}

async function exists(client: pg.Client, role: string): Promise<boolean> {
  const { rows } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  return rows.length > 0;
}

/** One that has never had a password is not made. */
async function ensureLogins(
  client: pg.Client,
  { role, schema, logins, connectionLimit }: MigrateOptions,
): Promise<void> {
  const database = client.escapeIdentifier(await currentDatabase(client));
  for (const { name, password } of logins ?? []) {
    if (password === null && !(await exists(client, name))) continue;
    await setRole(client, { name, password }, connectionLimit);
    const login = client.escapeIdentifier(name);
    await client.query(`GRANT ${client.escapeIdentifier(role)} TO ${login}`);
    // Settings of a role are not inherited by its members.
    await client.query(
      `ALTER ROLE ${login} IN DATABASE ${database} SET search_path TO ${client.escapeIdentifier(schema)}`,
    );
    if (password === null)
      await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [name]);
  }
}

async function grant(client: pg.Client, options: MigrateOptions): Promise<void> {
  const role = client.escapeIdentifier(options.role);
  const schema = client.escapeIdentifier(options.schema);
  const database = client.escapeIdentifier(await currentDatabase(client));
  const statements = [
    // Everybody may make temporary tables unless told otherwise, and a name there goes before the schema's own.
    `REVOKE TEMPORARY ON DATABASE ${database} FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${database} TO ${role}`,
    `GRANT USAGE ON SCHEMA ${schema} TO ${role}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role}`,
    `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}`,
    `REVOKE INSERT, UPDATE, DELETE ON ${schema}.${MIGRATIONS_TABLE} FROM ${role}`,
    `ALTER ROLE ${role} IN DATABASE ${database} SET search_path TO ${schema}`,
  ];
  for (const statement of statements) await client.query(statement);
}

async function currentDatabase(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name');
  return rows[0]?.name ?? '';
}

function assertName(what: string, name: string): void {
  if (!NAME.test(name)) {
    throw new MigrationError(
      `${what} "${name}" must be lower-case letters, digits and _, at most 63 of them`,
    );
  }
}

/** All folders of a schema share one table of what ran, by file name: two files of one name would be run once. */
async function assertDistinct(dirs: readonly string[]): Promise<void> {
  const seen = new Map<string, string>();
  for (const dir of dirs) {
    for (const file of (await readdir(dir)).filter((name) => name.endsWith('.sql'))) {
      const other = seen.get(file);
      if (other !== undefined)
        throw new MigrationError(`migration ${file} is in ${other} and in ${dir}: rename one`);
      seen.set(file, dir);
    }
  }
}
