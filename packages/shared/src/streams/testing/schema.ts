import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { createPool, migrate } from '../../postgres/index.ts';
import { LEDGER_TABLES } from './ledger.ts';

/** Kit and ledger tables in a schema of their own, and a pool of the service's own role on them. */
export async function ledgerSchema(
  adminUrl: string,
  schema = 'ledger',
): Promise<{ url: string; pool: Pool }> {
  const dir = await mkdtemp(join(tmpdir(), 'ledger-migrations-'));
  const url = new URL(adminUrl);
  const role = `${schema}_${url.pathname.slice(1)}`.slice(0, 63);
  try {
    await writeFile(join(dir, '1001_ledger.sql'), LEDGER_TABLES);
    await migrate({ adminUrl, schema, role, rolePassword: 'ledger-test', dirs: [dir] });
  } finally {
    await rm(dir, { recursive: true });
  }
  url.username = role;
  url.password = 'ledger-test';
  return { url: url.href, pool: createPool({ connectionString: url.href, applicationName: 'ledger' }) };
}
