import { until } from '../compose/until.ts';
import { type BackupStand, read } from './backup-stand.ts';

const SAID_MS_MAX = 40_000;

/** Somebody dropped it while the backup was away. */
export async function checkLostSlot(stand: BackupStand): Promise<void> {
  const { project, sql } = stand;
  await project.compose('stop', 'backup');
  await sql("SELECT pg_drop_replication_slot('fleet_backup')");
  const began = await sql('SELECT now()::text AS now');
  await project.docker('start', `${project.name}-backup-1`);
  await said(stand, String(began[0]?.['now']), /lineage \d+-2\.\w+ begins/);
  await until(SAID_MS_MAX, stand.signal, async () => {
    const { stdout } = await stand.backup('list');
    const lineages = new Set(stdout.split('\n').map((line) => line.split(/ +/)[1]));
    return lineages.size > 3 ? null : `no base backup in the new lineage:\n${stdout}`;
  });
}

export async function checkWrongPassword(stand: BackupStand): Promise<void> {
  const { project, sql, secretsDir } = stand;
  const right = read(secretsDir, 'database_password_backup');
  await sql("ALTER ROLE fleet_backup PASSWORD 'another'");
  const began = await sql('SELECT now()::text AS now');
  await project.compose('restart', 'backup');
  await said(
    stand,
    String(began[0]?.['now']),
    /password authentication failed[\s\S]*what to do: scripts\/init-secrets/,
  );
  await sql(`ALTER ROLE fleet_backup PASSWORD '${right}'`);
  await until(SAID_MS_MAX, stand.signal, async () => {
    const { code, all } = await stand.backup('healthy');
    return code === 0 ? null : all;
  });
}

export function checkFullDisk(stand: BackupStand, root: string): Promise<void> {
  return elsewhere(stand, root, {
    ...{ slot: 'full_disk', volume: 'size=24m,uid=999,gid=999,mode=0700' },
    words: /No space left on device[\s\S]*what to do: make room/,
  });
}

export function checkUnwritable(stand: BackupStand, root: string): Promise<void> {
  return elsewhere(stand, root, {
    ...{ slot: 'unwritable', volume: 'size=24m,uid=0,mode=0755' },
    words: /Permission denied[\s\S]*what to do: the folders in .* must belong to user 999/,
  });
}

interface Elsewhere {
  readonly slot: string;
  /** In the place of the volume: memory with these options. */
  readonly volume: string;
  readonly words: RegExp;
}

/** A second backup of the same server, with a disk that is no good. */
async function elsewhere(
  stand: BackupStand,
  root: string,
  { slot, volume, words }: Elsewhere,
): Promise<void> {
  const { project, secretsDir, signal } = stand;
  const { Config } = await project.inspect('backup');
  const name = `${project.name}-${slot}`;
  const mounts = [`${secretsDir}/backup:/run/secrets:ro`, `${root}/backup:/opt/backup:ro`];
  await project.docker(
    ...['run', '--detach', '--name', name, '--user', '999:999', '--read-only', '--cap-drop', 'ALL'],
    ...['--network', `${project.name}_data`, '--env', `BACKUP_SLOT=${slot}`],
    ...['--label', `com.docker.compose.project=${project.name}`],
    ...['--tmpfs', '/tmp:mode=1777', '--tmpfs', '/run/postgresql:mode=1777'],
    ...['--tmpfs', `/var/lib/postgresql:${volume}`, ...mounts.flatMap((mount) => ['--volume', mount])],
    ...['--entrypoint', 'bash', Config.Image, '/opt/backup/backup', 'run'],
  );
  try {
    await until(SAID_MS_MAX, signal, async () => {
      const { all } = await project.docker('logs', name);
      return words.test(all) ? null : `it has not said ${words}:\n${all}`;
    });
  } finally {
    await project.docker('rm', '--force', name);
  }
}

async function said({ project, signal }: BackupStand, since: string, words: RegExp): Promise<void> {
  const from = new Date(since).toISOString();
  await until(SAID_MS_MAX, signal, async () => {
    const { all } = await project.compose('logs', '--no-color', '--no-log-prefix', '--since', from, 'backup');
    return words.test(all) ? null : `it has not said ${words}:\n${all}`;
  });
}
