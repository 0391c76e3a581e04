import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { askJson } from '../fleet/http-json.ts';
import type { SmokeProject } from './smoke-project.ts';
import { until } from './until.ts';

const SCRAPED_MS_MAX = 60_000;
const answer = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

/** A base backup of the fleet that trades, restored with its WAL; and Prometheus knows of it. */
export async function checkBackup(smoke: SmokeProject, signal: AbortSignal): Promise<string> {
  const before = Date.now() / 1000;
  const { stdout } = await smoke.project.compose('exec', '-T', 'backup', 'bash', '/opt/backup/backup', 'now');
  const measured = /^drill of .*? passed: (RTO [\d.]+ s, RPO [\d.]+ s)/m.exec(stdout)?.[1];
  if (measured === undefined) throw new Error(`no drill has passed:\n${stdout}`);
  await until(SCRAPED_MS_MAX, signal, async () => {
    const success = await figure(smoke, 'backup_last_success_timestamp_seconds');
    return success >= Math.floor(before) ? null : `Prometheus has ${success} as the time of the last success`;
  });
  const megabytes = (await figure(smoke, 'backup_last_size_bytes')) / 1e6;
  return `${measured}, ${megabytes.toFixed(1)} MB`;
}

async function figure({ prometheusUrl, secretsDir }: SmokeProject, name: string): Promise<number> {
  const password = readFileSync(join(secretsDir, 'prometheus_password'), 'utf8').trim();
  const authorization = `Basic ${Buffer.from(`prometheus:${password}`).toString('base64')}`;
  const found = await askJson(`${prometheusUrl}/api/v1/query?query=${name}`, { headers: { authorization } });
  return Number(answer.parse(found).data.result[0]?.value[1] ?? Number.NaN);
}
