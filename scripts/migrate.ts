import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ConfigError, envUrl, loadConfig } from '@fleet/shared/config';
import { safeError } from '@fleet/shared/errors';
import { isNetworkCode, migrate } from '@fleet/shared/postgres';
import { createLogger, type Logger } from '@fleet/shared/telemetry';
import { z } from 'zod';
import { SERVICES, urlVariable } from './fleet/services.ts';

// Brings the database to this version: schema, role and tables of every service; then it ends. Each role and its
// password are those of the address with which the service comes in. Running it again changes nothing.

const EXIT_CONFIG = 78;
const TRIES_MAX = 60;
const services = fileURLToPath(new URL('../services/', import.meta.url));
const logger = createLogger({ service: 'migrate' });

try {
  const config = readConfig(process.env);
  for (const { name, schema } of SERVICES) {
    const { username, password } = new URL(config[variableOf(name)] ?? '');
    const own = `${services}${name}/migrations`;
    const applied = await withPatience(logger, () =>
      migrate({
        adminUrl: config['DATABASE_ADMIN_URL'] ?? '',
        schema,
        role: decodeURIComponent(username),
        rolePassword: decodeURIComponent(password),
        dirs: existsSync(own) ? [own] : [],
      }),
    );
    logger.info({ schema, applied }, applied.length === 0 ? 'up to date' : 'migrated');
  }
} catch (error) {
  process.stderr.write(`migrate: ${safeError(error).message}\n`);
  process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1;
}

/** DATABASE_ADMIN_URL, of a role that may create schemas and roles, and RISK_MANAGER_DATABASE_URL and so on. */
function readConfig(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const address = envUrl('postgres', 'postgresql');
  const shape = Object.fromEntries(SERVICES.map(({ name }) => [variableOf(name), address]));
  return loadConfig(z.object({ DATABASE_ADMIN_URL: address, ...shape }), { env });
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
