import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ConfigError, envUrl, loadConfig } from '@fleet/shared/config';
import { safeError } from '@fleet/shared/errors';
import {
  closeOtherDatabases,
  ensureBackupRole,
  ensureMonitorRole,
  isNetworkCode,
  migrate,
} from '@fleet/shared/postgres';
import { createLogger, type Logger } from '@fleet/shared/telemetry';
import { z } from 'zod';
import { CONNECTIONS_MAX, serviceRole } from './fleet/database-roles.ts';
import { SERVICES, urlVariable } from './fleet/services.ts';

// Brings the database to this version: schema, role and tables of every service; then it ends. Each role and its
// password are those of the address with which the service comes in; during a rotation there are two of them. Running it
// again changes nothing.

const EXIT_CONFIG = 78;
const TRIES_MAX = 60;
const services = fileURLToPath(new URL('../services/', import.meta.url));
const logger = createLogger({ service: 'migrate' });

try {
  const config = readConfig(process.env);
  for (const { name, schema } of SERVICES) {
    const role = serviceRole(config[variableOf(name)] ?? '', config[`${variableOf(name)}_OTHER`]);
    const own = `${services}${name}/migrations`;
    const applied = await withPatience(logger, () =>
      migrate({
        adminUrl: config['DATABASE_ADMIN_URL'] ?? '',
        schema,
        ...role,
        connectionLimit: CONNECTIONS_MAX,
        dirs: existsSync(own) ? [own] : [],
      }),
    );
    logger.info({ schema, applied }, applied.length === 0 ? 'up to date' : 'migrated');
  }
  await closeOtherDatabases(config['DATABASE_ADMIN_URL'] ?? '');
  const monitorUrl = config['MONITOR_DATABASE_URL'];
  if (monitorUrl !== undefined) await ensureMonitorRole(config['DATABASE_ADMIN_URL'] ?? '', monitorUrl);
  const backupUrl = config['BACKUP_DATABASE_URL'];
  if (backupUrl !== undefined) await ensureBackupRole(config['DATABASE_ADMIN_URL'] ?? '', backupUrl);
} catch (error) {
  process.stderr.write(`migrate: ${safeError(error).message}\n`);
  process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1;
}

/** DATABASE_ADMIN_URL, of a role that may create schemas and roles, and RISK_MANAGER_DATABASE_URL and so on. */
function readConfig(env: NodeJS.ProcessEnv): Readonly<Record<string, string | undefined>> {
  const address = envUrl('postgres', 'postgresql');
  const shape = Object.fromEntries(
    SERVICES.flatMap(({ name }) => [
      [variableOf(name), address],
      [`${variableOf(name)}_OTHER`, address.optional()],
    ]),
  );
  const schema = z.object({
    DATABASE_ADMIN_URL: address,
    MONITOR_DATABASE_URL: address.optional(),
    BACKUP_DATABASE_URL: address.optional(),
    ...shape,
  });
  return z
    .record(z.string(), z.string().optional())
    .parse(loadConfig(schema, { env: { ...besides(env), ...env } }));
}

/** Files that lie beside those that are named: addresses of exporter and backup, and second logins while a rotation lasts. */
function besides(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const admin = env['DATABASE_ADMIN_URL_FILE'];
  const files = SERVICES.map(({ name }): [string, string] => {
    const file = env[`${variableOf(name)}_FILE`];
    return [`${variableOf(name)}_OTHER_FILE`, file === undefined ? '' : `${file}_other`];
  });
  for (const name of admin === undefined ? [] : ['monitor', 'backup'])
    files.push([`${name.toUpperCase()}_DATABASE_URL_FILE`, join(dirname(admin ?? ''), `${name}_url`)]);
  return Object.fromEntries(files.filter(([, file]) => existsSync(file)));
}

function variableOf(name: (typeof SERVICES)[number]['name']): string {
  return urlVariable(name).replace(/_URL$/, '_DATABASE_URL');
}

/** A server that is still starting, or restarting, is waited for; every other failure is final. */
async function withPatience<Result>(log: Logger, act: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      const starting = code === '57P03' || (typeof code === 'string' && isNetworkCode(code));
      if (!starting || tries >= TRIES_MAX) throw error;
      if (tries === 1) log.warn({ err: error }, 'Postgres does not answer yet; trying on');
      await sleep(1_000);
    }
  }
}
