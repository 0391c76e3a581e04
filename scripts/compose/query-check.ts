import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkQueries } from '../dashboards/check-queries.ts';
import { untilTraded } from '../dashboards/until-traded.ts';
import type { SmokeProject } from './smoke-project.ts';

/** Every query of every panel and rule, asked of this fleet's Prometheus. */
export async function checkPanels(
  { prometheusUrl, secretsDir, urls }: SmokeProject,
  signal: AbortSignal,
): Promise<string> {
  const password = readFileSync(join(secretsDir, 'prometheus_password'), 'utf8').trim();
  const authorization = `Basic ${Buffer.from(`prometheus:${password}`).toString('base64')}`;
  const access = { prometheusUrl, authorization };
  await untilTraded(access, urls, signal);
  const { faults, dashboards, panels, queries, rules } = await checkQueries({ ...access, place: 'compose' });
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return `${dashboards} dashboards, ${panels} panels, ${queries} queries, ${rules} rules`;
}
