// scripts/backup-test comes here, on the pinned Node and with an engine that answers.
import { join } from 'node:path';
import { type BackupStand, backupStand, startServer } from './backup/backup-stand.ts';
import { checkDamagedBase, checkDamagedWal } from './backup/damage-checks.ts';
import { checkFullDisk, checkLostSlot, checkUnwritable, checkWrongPassword } from './backup/fault-checks.ts';
import { checkKilledBackup } from './backup/kill-check.ts';
import { checkEarlierTime, checkGoesOn, checkRefusals, checkRestore } from './backup/restore-checks.ts';
import { type Committed, Writer } from './backup/writer.ts';
import { Checklist, Unmet } from './compose/checklist.ts';

const root = join(import.meta.dirname, '..');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => stop.abort(new Error(`stopped by ${name}`)));

const list = new Checklist(say);
const stand = await backupStand(root, stop.signal);
say(`project ${stand.project.name}, ${stand.folder}`);
try {
  await look(stand);
} catch (error) {
  if (!(error instanceof Unmet)) throw error;
} finally {
  if (list.count.failed > 0) say((await stand.project.with({}, 'logs', '--no-color', '--tail', '60')).all);
  await list.check('everything is taken down', () => stand.project.takeDown({ graceSeconds: 5 }));
  stand.remove();
}
const { passed, failed } = list.count;
say(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function look(stand: BackupStand): Promise<void> {
  await list.need('a server with books, and the backup beside it', () => startServer(stand));
  const writer = new Writer(stand.adminUrl);
  let committed: readonly Committed[] = [];
  const middle = { at: 0 };
  try {
    await list.need('the first backup is made and drilled by itself', () => stand.untilFirst());
    await writer.start();
    await list.need('killed in the middle of a base backup, it goes on', () => checkKilledBackup(stand));
    middle.at = await writer.pause();
    await list.need('a database that is there is not restored over', () => checkRefusals(stand, root));
  } finally {
    committed = await writer.stop();
  }
  await list.need('a destroyed server is restored up to its last second', () =>
    checkRestore(stand, { root, committed }),
  );
  await list.need('beside the restored server the backup goes on', () => checkGoesOn(stand));
  await list.check('a damaged base backup fails its drill and is no success', () => checkDamagedBase(stand));
  await list.check('damaged WAL fails the drill, and the next backup is sound', () => checkDamagedWal(stand));
  await list.check('a slot that is gone begins a new lineage', () => checkLostSlot(stand));
  await list.check('a wrong password is named, and a right one is taken up', () => checkWrongPassword(stand));
  await list.check('a full disk is named', () => checkFullDisk(stand, root));
  await list.check('a folder that may not be written is named', () => checkUnwritable(stand, root));
  await list.check('an earlier time is restored, and what was there set aside', () =>
    checkEarlierTime(stand, { root, committed, at: middle.at }),
  );
}
