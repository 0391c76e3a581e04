import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '@fleet/shared/postgres';
import { checkout } from '@fleet/testkit/infrastructure';
import { CONNECTIONS_MAX, serviceRole } from './database-roles.ts';
import { readSecret, type SecretFiles } from './secrets.ts';
import { SERVICES } from './services.ts';

export interface DatabaseOptions {
  /** Of a role that may create schemas and roles. */
  readonly adminUrl: string;
  readonly secrets: SecretFiles;
}

/** Schema, roles and tables of every service, as `migrate` does it in a deployment. Repeating it is safe. */
export async function prepareDatabases({ adminUrl, secrets }: DatabaseOptions): Promise<void> {
  for (const { name, schema } of SERVICES) {
    const own = join(checkout, 'services', name, 'migrations');
    const url = join(secrets.dir, 'migrate', `${name}_database_url`);
    const other = existsSync(`${url}_other`) ? readSecret(`${url}_other`) : undefined;
    await migrate({
      adminUrl,
      schema,
      ...serviceRole(readSecret(url), other),
      connectionLimit: CONNECTIONS_MAX,
      dirs: existsSync(own) ? [own] : [],
    });
  }
}
