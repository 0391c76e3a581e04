import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '@fleet/shared/postgres';
import { checkout } from '@fleet/testkit/infrastructure';
import type { SecretFiles } from './secrets.ts';
import { readSecret } from './secrets.ts';
import { SERVICES, type ServiceName } from './services.ts';

export interface DatabaseOptions {
  /** Of a role that may create schemas and roles. */
  readonly adminUrl: string;
  readonly secrets: SecretFiles;
  /** Roles belong to the whole server: fleets that share one need names of their own. */
  readonly rolePrefix: string;
}

/** Schema, role and tables of every service; returns the address with which each comes in. Repeating it is safe. */
export async function prepareDatabases(
  options: DatabaseOptions,
): Promise<Readonly<Record<ServiceName, string>>> {
  const urls: Partial<Record<ServiceName, string>> = {};
  for (const { name, schema } of SERVICES) {
    const role = `${options.rolePrefix}_${schema}`;
    const rolePassword = readSecret(options.secrets.database[name]);
    const own = join(checkout, 'services', name, 'migrations');
    await migrate({
      adminUrl: options.adminUrl,
      schema,
      role,
      rolePassword,
      dirs: existsSync(own) ? [own] : [],
    });
    urls[name] = roleUrl(options.adminUrl, role, rolePassword);
  }
  return urls as Record<ServiceName, string>;
}

function roleUrl(adminUrl: string, role: string, password: string): string {
  const url = new URL(adminUrl);
  url.username = encodeURIComponent(role);
  url.password = encodeURIComponent(password);
  return url.href;
}
