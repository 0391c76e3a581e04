export { freePort } from './free-port.ts';
export { InfrastructureError } from './infrastructure-error.ts';
export { checkout, localFolder } from './local-folder.ts';
export {
  type ManagedProcess,
  type ProcessExit,
  type ProcessSpec,
  startProcess,
  stopAllProcesses,
} from './managed-process.ts';
export { type StartPostgresOptions, startPostgres } from './postgres-server.ts';
export { type ProcessRecord, readLiveRecord, stopRecorded, writeProcessRecord } from './process-record.ts';
export { type EnsureRedisOptions, ensureRedis, type RedisBinary } from './redis-binary.ts';
export { type StartRedisOptions, startRedis } from './redis-server.ts';
export type { RunningStore } from './running-store.ts';
export { type TestDatabase, testDatabase } from './test-database.ts';
export { type TestRedis, testRedis } from './test-redis.ts';
