import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureBackupRole } from '@fleet/shared/postgres';
import { Client } from 'pg';
import { ComposeProject, type Output } from '../compose/compose-project.ts';
import { edgeNetwork } from '../compose/smoke-project.ts';
import { until } from '../compose/until.ts';
import { freePorts } from '../fleet/ports.ts';

/** Postgres and its backup as docker-compose.yml has them, and nothing else of the stack. */
export interface BackupStand {
  readonly project: ComposeProject;
  readonly folder: string;
  readonly secretsDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly adminUrl: string;
  readonly signal: AbortSignal;
  /** A command of the backup's program, in its container; whatever it ends with. */
  backup(...words: string[]): Promise<Output>;
  /** A script of the shell in its container. */
  shell(script: string): Promise<string>;
  figures(): Promise<ReadonlyMap<string, number>>;
  untilFirst(): Promise<string>;
  sql(statement: string): Promise<readonly Record<string, unknown>[]>;
  remove(): void;
}

const FILES = ['docker-compose.yml', 'docker-compose.override.yml'];
const READY_MS_MAX = 60_000;
/** Enough for a base backup to take more than a moment. */
const FILLER_ROWS = 800_000;

export async function backupStand(root: string, signal: AbortSignal): Promise<BackupStand> {
  const folder = mkdtempSync(join(tmpdir(), 'backup-test-'));
  const secretsDir = join(folder, 'secrets');
  mkdirSync(secretsDir, { mode: 0o755 });
  await promisify(execFile)(join(root, 'scripts/init-secrets'), ['--dir', secretsDir]);
  const [port = 0] = await freePorts(1);
  const mark = randomBytes(4).toString('hex');
  const env = { SECRETS_DIR: secretsDir, POSTGRES_PORT: String(port), ...edgeNetwork(mark) };
  const project = new ComposeProject({ name: `fleet-backup-${mark}`, root, signal, env, files: FILES });
  const adminUrl = `postgres://fleet_admin:${read(secretsDir, 'postgres_password')}@127.0.0.1:${port}/fleet`;
  const execute = ['exec', '-T', 'backup', 'bash'];
  const shell = async (script: string) => (await project.compose(...execute, '-c', script)).stdout.trim();
  const figures = async () => figuresOf(await shell('cat /run/postgresql/backup.prom'));
  return {
    ...{ project, folder, secretsDir, env, adminUrl, signal, shell, figures },
    backup: (...words) => project.with({}, ...execute, '/opt/backup/backup', ...words),
    untilFirst: async () => {
      await until(READY_MS_MAX, signal, async () => {
        const success = (await figures()).get('backup_last_success_timestamp_seconds');
        return success === undefined ? 'no backup has succeeded' : null;
      });
      const found = await figures();
      return `RTO ${found.get('backup_restore_test_rto_seconds')} s, ${found.get('backup_last_size_bytes')} bytes`;
    },
    sql: (statement) => ask(adminUrl, statement),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The books in small: what the drill's questions look at. */
export async function startServer({ project, adminUrl, secretsDir, sql }: BackupStand): Promise<void> {
  await project.compose('up', '--detach', '--wait', '--no-deps', 'postgres');
  const url = new URL(adminUrl);
  url.username = 'fleet_backup';
  url.password = read(secretsDir, 'database_password_backup');
  await ensureBackupRole(adminUrl, url.href);
  await sql(`
    CREATE SCHEMA books;
    CREATE TABLE books.ledger_entries (run text, entry bigint, kind text NOT NULL, PRIMARY KEY (run, entry));
    CREATE TABLE books.ledger_postings (run text, entry bigint, line int, asset text, amount numeric,
      PRIMARY KEY (run, entry, line));
    CREATE TABLE books.outbox (run text, partition int, seq bigint, note text, PRIMARY KEY (run, partition, seq));
    CREATE TABLE books.filler AS SELECT md5(i::text) AS text FROM generate_series(1, ${FILLER_ROWS}) i;`);
  await project.compose('up', '--detach', '--no-deps', 'backup');
}

export async function ask(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

export function read(dir: string, name: string): string {
  return readFileSync(join(dir, name), 'utf8').trim();
}

function figuresOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]));
}
