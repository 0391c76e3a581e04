import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { until } from '../compose/until.ts';
import type { BackupStand } from './backup-stand.ts';
import type { Committed } from './writer.ts';

interface Restoring {
  readonly root: string;
  readonly committed: readonly Committed[];
}

/** Confirmed so long before the end, an entry has been received by the backup. */
const RPO_MS = 1_000;
/** Clocks of this machine and the server are one; a confirmation comes a little after its commit. */
const CONFIRMATION_MS = 200;
const HEALTHY_MS_MAX = 60_000;

interface Ran {
  readonly ok: boolean;
  readonly output: string;
}

function restore({ project, env }: BackupStand, root: string, ...words: string[]): Promise<Ran> {
  const files = 'docker-compose.yml:docker-compose.override.yml';
  const settings = { ...process.env, ...env, COMPOSE_PROJECT_NAME: project.name, COMPOSE_FILE: files };
  return new Promise((resolve) => {
    execFile(join(root, 'scripts/restore'), words, { env: settings }, (error, stdout, stderr) =>
      resolve({ ok: error === null, output: stdout + stderr }),
    );
  });
}

async function refused(run: Promise<Ran>, words: RegExp): Promise<void> {
  const { ok, output } = await run;
  if (ok || !words.test(output) || !output.includes('what to do:'))
    throw new Error(`not refused with ${words}, or without advice:\n${output}`);
}

/** Beside a running server, over a database, and without a backup that fits. Ends with the server's SIGKILL. */
export async function checkRefusals(stand: BackupStand, root: string): Promise<void> {
  const { project } = stand;
  await refused(restore(stand, root), /these run: backup postgres/);
  await project.compose('kill', '--signal', 'KILL', 'postgres');
  await project.compose('stop', 'backup');
  await refused(restore(stand, root), /holds a database already/);
  await refused(
    restore(stand, root, '--base', '20200101T000000Z'),
    /there is no base backup 20200101T000000Z/,
  );
  await refused(restore(stand, root, '--to-time', 'yesteryear'), /yesteryear is no time/);
  await refused(restore(stand, root, '--from', root), /has no folder store/);
}

/** Nothing is left of the server but its backup; what was confirmed up to a second before its end is there again. */
export async function checkRestore(stand: BackupStand, { root, committed }: Restoring): Promise<string> {
  const { project, sql } = stand;
  await project.compose('rm', '--force', 'postgres');
  await project.docker('volume', 'rm', `${project.name}_postgres`);
  const { ok, output } = await restore(stand, root);
  if (!ok) throw new Error(output);
  await project.compose('up', '--detach', '--wait', '--no-deps', 'postgres');
  const found = await entries(stand);
  const missing = committed.filter(({ entry }) => !found.has(entry));
  const end = committed.at(-1)?.at ?? 0;
  const early = missing.filter(({ at }) => at < end - RPO_MS);
  if (committed.length < 100) throw new Error(`only ${committed.length} entries were ever written`);
  if (early.length > 0)
    throw new Error(`${early.length} entries of more than ${RPO_MS} ms before the end are gone`);
  const [row] = await sql(
    'SELECT coalesce(sum(amount), 0) AS off, count(*) AS lines FROM books.ledger_postings',
  );
  if (Number(row?.['off']) !== 0 || Number(row?.['lines']) !== 2 * found.size)
    throw new Error(`the books are off: ${JSON.stringify(row)}`);
  const lost = missing.length === 0 ? 0 : end - Math.min(...missing.map(({ at }) => at));
  return `${committed.length} confirmed, ${missing.length} lost, of the last ${lost} ms`;
}

/** It begins a new lineage; the drill restores the books of the server that was restored. */
export async function checkGoesOn(stand: BackupStand): Promise<string> {
  const { project, backup, signal } = stand;
  await project.docker('start', `${project.name}-backup-1`);
  await until(HEALTHY_MS_MAX, signal, async () => {
    const { code, all } = await backup('healthy');
    return code === 0 ? null : all;
  });
  const { code, all } = await backup('now');
  if (code !== 0) throw new Error(all);
  const { stdout } = await backup('list');
  const lineages = new Set(stdout.split('\n').flatMap((line) => /-(\d)\./.exec(line)?.[1] ?? []));
  if ([...lineages].sort().join() !== '1,2') throw new Error(`timelines ${[...lineages]}:\n${stdout}`);
  return /drill of .*/.exec(all)?.[0] ?? '';
}

/** Back to a moment of the first server at which nothing was written; what stands in the volume is kept beside it. */
export async function checkEarlierTime(
  stand: BackupStand,
  { root, committed, at }: Restoring & { readonly at: number },
): Promise<string> {
  const { project } = stand;
  await project.compose('stop');
  const inRedis = await streamsIn(stand);
  await refused(restore(stand, root), /Redis holds streams/);
  await refused(
    restore(stand, root, '--set-aside', '--to-time', '2020-01-01 00:00:00+00'),
    /there is no base backup that was finished by that time/,
  );
  const { ok, output } = await restore(stand, root, '--set-aside', '--to-time', new Date(at).toISOString());
  if (!ok) throw new Error(output);
  await project.docker('start', `${project.name}-postgres-1`);
  await until(HEALTHY_MS_MAX, stand.signal, async () => {
    await stand.sql('SELECT 1');
    return null;
  });
  const streams = await inRedis();
  if (!/^before-/.test(streams)) throw new Error(`the streams were not set aside: ${streams}`);
  const found = await entries(stand);
  const before = committed.filter((entry) => entry.at < at - CONFIRMATION_MS);
  const after = committed.filter((entry) => entry.at > at + CONFIRMATION_MS);
  const absent = before.filter(({ entry }) => !found.has(entry));
  const early = after.filter(({ entry }) => found.has(entry));
  if (before.length === 0 || after.length === 0) throw new Error('nothing was written before or after');
  if (absent.length + early.length > 0)
    throw new Error(`${absent.length} entries of before are gone, ${early.length} of after are there`);
  const { stdout } = await project.compose('exec', '-T', 'postgres', 'ls', '/var/lib/postgresql/18');
  if (!stdout.includes('docker.before-')) throw new Error(`nothing was set aside: ${stdout}`);
  return `${before.length} entries are there, ${after.length} later ones are not`;
}

/** What Redis would have left in its volume; a question of what lies there. */
async function streamsIn({ project }: BackupStand): Promise<() => Promise<string>> {
  const { Config } = await project.inspect('postgres');
  const shell = async (script: string) => {
    const mounted = ['--user', '0:0', '--network', 'none', '--volume', `${project.name}_redis:/data`];
    const run = ['run', '--rm', ...mounted, '--entrypoint', 'bash', Config.Image, '-c', script];
    return (await project.docker(...run)).stdout.trim();
  };
  await shell('mkdir /data/appendonlydir && chown -R 999:999 /data');
  return () => shell('ls /data');
}

async function entries({ sql }: BackupStand): Promise<ReadonlySet<number>> {
  const rows = await sql("SELECT entry FROM books.ledger_entries WHERE run = 'test'");
  return new Set(rows.map(({ entry }) => Number(entry)));
}
