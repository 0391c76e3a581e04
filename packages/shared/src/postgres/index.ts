export { closeOtherDatabases } from './closed-server.ts';
export { isNetworkCode, type PostgresFailure, postgresFailure, violates } from './failure.ts';
export { kitMigrationsDir, type LoginRole, type MigrateOptions, MigrationError, migrate } from './migrate.ts';
export { ensureBackupRole, ensureMonitorRole } from './monitor-role.ts';
export { createPool, type PoolOptions } from './pool.ts';
export type { NamedStatement, Queryable } from './queryable.ts';
export { type TransactionOptions, transaction } from './transaction.ts';
