import type { BackupStand } from './backup-stand.ts';

const SUCCESS = 'backup_last_success_timestamp_seconds';
const TEST = 'backup_last_restore_test_timestamp_seconds';
const OK = 'backup_restore_test_ok';

/** A base backup whose file lost its end: the drill says so, and no figure claims a success. */
export async function checkDamagedBase(stand: BackupStand): Promise<void> {
  const before = await stand.figures();
  await stand.shell(
    'file=$(ls -d /var/lib/postgresql/store/*/base/*Z/base.tar.gz | sort -t/ -k8 | tail -n 1) && truncate --size=-5000 "$file"',
  );
  await failingDrill(stand, /pg_verifybackup: error[\s\S]*what is stored is damaged/);
  const after = await stand.figures();
  for (const name of [SUCCESS, TEST])
    if (before.get(name) === undefined || before.get(name) !== after.get(name))
      throw new Error(`${name} went from ${before.get(name)} to ${after.get(name)}`);
  await passing(stand);
}

/** WAL in the middle of which a file is broken: not taken for its end. */
export async function checkDamagedWal(stand: BackupStand): Promise<void> {
  await stand.sql('CREATE TABLE IF NOT EXISTS books.more (i int); SELECT pg_switch_wal()');
  for (let i = 0; i < 2; i += 1) {
    await stand.sql(`INSERT INTO books.more VALUES (${i})`);
    await stand.sql('SELECT pg_switch_wal()');
  }
  // Of the segments that are whole the last but one; the receiver may be a moment behind.
  await stand.shell(`sleep 1
    file=$(ls $(cat /var/lib/postgresql/state/lineage)/wal/*.gz | tail -n 2 | head -n 1) &&
      head -c 40 /dev/zero | dd of="$file" bs=1 seek=200 conv=notrunc status=none`);
  await failingDrill(stand, /\.gz is damaged[\s\S]*what is stored is damaged/);
  await passing(stand);
}

async function failingDrill(stand: BackupStand, words: RegExp): Promise<void> {
  const { code, all } = await stand.backup('drill');
  if (code === 0 || !words.test(all) || !all.includes('what to do:'))
    throw new Error(`the drill ended with ${code}:\n${all}`);
  if ((await stand.figures()).get(OK) !== 0) throw new Error(`${OK} is not 0`);
}

async function passing(stand: BackupStand): Promise<void> {
  const { code, all } = await stand.backup('now');
  if (code !== 0) throw new Error(`the next backup ended with ${code}:\n${all}`);
  if ((await stand.figures()).get(OK) !== 1) throw new Error(`${OK} is not 1 again`);
}
