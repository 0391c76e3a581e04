import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../compose/until.ts';
import type { BackupStand } from './backup-stand.ts';

const HEALTHY_MS_MAX = 60_000;
const TRIES_MAX = 4;
const LOOKS_MAX = 40;

/** SIGKILL while a base backup is half written, more than once if need be; afterwards one is made, and no half is left. */
export async function checkKilledBackup(stand: BackupStand): Promise<string> {
  let cut = '';
  for (let tries = 0; cut === '' && tries < TRIES_MAX; tries += 1) cut = await killInTheMiddle(stand);
  if (cut === '') throw new Error('no base backup was ever seen half written');
  const { code, all } = await stand.backup('now');
  if (code !== 0) throw new Error(all);
  const left = await stand.shell("find /var/lib/postgresql/store -name '.making-*'");
  if (left !== '') throw new Error(`left behind: ${left}`);
  return `${cut} was cut; ${/drill of .*/.exec(all)?.[0]}`;
}

async function killInTheMiddle({ project, backup, shell, signal }: BackupStand): Promise<string> {
  const cut = backup('now');
  let half = '';
  for (let looks = 0; half === '' && looks < LOOKS_MAX; looks += 1) {
    half = await shell("find /var/lib/postgresql/store -name '.making-*' -printf '%f\\n'");
    if (half === '') await sleep(50);
  }
  if (half === '') await cut;
  else await project.compose('kill', '--signal', 'KILL', 'backup');
  await cut;
  await project.docker('start', `${project.name}-backup-1`);
  await until(HEALTHY_MS_MAX, signal, async () => {
    const { code, all } = await backup('healthy');
    return code === 0 ? null : all;
  });
  return half;
}
