import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { migrate } from '@fleet/shared/postgres';
import type { TestDatabase } from '../infrastructure/index.ts';
import type { ServiceProgram } from './service-program.ts';

/** Where a service's process stands: a schema and a role of its own, a folder for configuration, keys and logs. */
export interface ServicePlace {
  readonly folder: string;
  /** The role's, not the superuser's. */
  readonly databaseUrl: string;
  /** Takes folder and role away. */
  clean(): Promise<void>;
}

const ROLE_PASSWORD = 'role-password-of-the-test';

/** Migrates the program's schema into the file's database and furnishes its folder. */
export async function preparePlace(database: TestDatabase, program: ServiceProgram): Promise<ServicePlace> {
  const { home, schema } = program;
  const role = `role_${database.name}`;
  const dirs = [join(home, 'migrations')];
  await migrate({ adminUrl: database.url, schema, role, rolePassword: ROLE_PASSWORD, dirs });
  const folder = mkdtempSync(join(tmpdir(), `${basename(home)}-int-`));
  program.furnish?.(folder);
  const url = new URL(database.url);
  url.username = role;
  url.password = ROLE_PASSWORD;
  const clean = async () => {
    rmSync(folder, { recursive: true, force: true });
    await database.pool.query(`drop owned by ${role}`);
    await database.pool.query(`drop role ${role}`);
  };
  return { folder, databaseUrl: url.href, clean };
}
