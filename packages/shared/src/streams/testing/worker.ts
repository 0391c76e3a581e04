import { createPool } from '../../postgres/index.ts';
import { PartitionRunner } from '../runner.ts';
import { ledgerOptions } from './options.ts';

/** A ledger consumer as a process of its own, to be killed: node worker.ts <postgres url> <redis url>. */
const [, , postgresUrl = '', redisUrl = ''] = process.argv;
const pool = createPool({ connectionString: postgresUrl, applicationName: 'ledger-worker' });
const runner = new PartitionRunner(ledgerOptions({ pool, redisUrl, batchMax: 32 }));
await runner.start();
process.stdout.write('started\n');
let seen = '';
const watch = setInterval(() => {
  const { mode, leader } = runner.status();
  const now = `${mode} ${leader}\n`;
  if (now !== seen) process.stdout.write(now);
  seen = now;
}, 10);
process.once('SIGTERM', () => {
  clearInterval(watch);
  void runner.stop().then(() => pool.end());
});
