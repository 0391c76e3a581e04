import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { z } from 'zod';
import { askJson } from '../fleet/http-json.ts';
import { proofText } from '../fleet/proof.ts';
import { notReady } from '../fleet/readiness.ts';
import { SERVICE_NAMES, type ServiceName } from '../fleet/services.ts';
import { runFigures } from '../fleet/summary.ts';
import type { SmokeProject } from './smoke-project.ts';
import { until } from './until.ts';

const READY_MS_MAX = 180_000;
const CYCLES_MS_MAX = 120_000;
const TARGETS_MS_MAX = 90_000;
const FILLS_MS_MAX = 180_000;
const PROOF_MS_MAX = 60_000;
/** At this speed the market stands: a bar of a minute takes sixteen hours. */
const STANDSTILL = '0.001x';
const CYCLES_SEEN = 10;

const orchestratorStatus = z.looseObject({ cyclesCompleted: z.number() });
const targets = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({
        health: z.string(),
        lastError: z.string(),
        scrapeUrl: z.string(),
        labels: z.record(z.string(), z.string()),
      }),
    ),
  }),
});

/** Every service says through its published port that it can do its job. */
export async function checkReady({ urls }: SmokeProject, signal: AbortSignal): Promise<string> {
  await until(READY_MS_MAX, signal, async () => {
    const missing = await Promise.all(SERVICE_NAMES.map((name) => notReady(name, urls[name])));
    return missing.filter((words) => words !== null).join('\n');
  });
  return `${SERVICE_NAMES.length} services`;
}

/** The orchestrator sees decision cycles to their end, ten more than when it was first asked. */
export async function checkCycles({ urls }: SmokeProject, signal: AbortSignal): Promise<string> {
  const completed = async () =>
    orchestratorStatus.parse(await askJson(`${urls.orchestrator}/status`)).cyclesCompleted;
  const before = await completed();
  let now = before;
  await until(CYCLES_MS_MAX, signal, async () => {
    now = await completed();
    return now >= before + CYCLES_SEEN ? null : `from ${before} only to ${now} complete cycles`;
  });
  return `${before} to ${now} complete`;
}

/** Prometheus, asked with its password, reaches everything that runs; `absent` are containers that do not. */
export async function checkTargets(
  { prometheusUrl, secretsDir }: SmokeProject,
  absent: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const password = readFileSync(join(secretsDir, 'prometheus_password'), 'utf8').trim();
  const authorization = `Basic ${Buffer.from(`prometheus:${password}`).toString('base64')}`;
  const url = `${prometheusUrl}/api/v1/targets?state=active`;
  const { status } = await fetch(url);
  if (status !== 401) throw new Error(`without the password it answers ${status} instead of 401`);
  let found = '';
  await until(TARGETS_MS_MAX, signal, async () => {
    const { data } = targets.parse(await askJson(url, { headers: { authorization } }));
    const asked = data.activeTargets.filter(({ scrapeUrl }) => !absent.includes(new URL(scrapeUrl).hostname));
    const jobs = new Set(asked.map(({ labels }) => labels['job']));
    found = `${asked.length} targets of ${jobs.size} jobs up`;
    const services = asked.filter(({ labels }) => labels['job'] === 'services');
    if (services.length !== SERVICE_NAMES.length) return `${services.length} services instead of all`;
    return asked
      .filter(({ health }) => health !== 'up')
      .map(({ scrapeUrl, health, lastError }) => `${scrapeUrl}: ${health} ${lastError}`)
      .join('\n');
  });
  return found;
}

/** Ends a service as a crash would, from outside its container; the engine starts it again and the fleet goes on. */
export async function checkKill(
  smoke: SmokeProject,
  name: ServiceName,
  signal: AbortSignal,
): Promise<string> {
  const { project, urls } = smoke;
  const before = await project.inspect(name);
  // From inside, SIGKILL does not reach the first process of a container; `docker kill` would count as a stop.
  const outside = [
    'run',
    '--rm',
    '--pid',
    'host',
    '--network',
    'none',
    '--user',
    '0:0',
    '--entrypoint',
    'node',
  ];
  await project.docker(
    ...outside,
    before.Config.Image,
    '--eval',
    `process.kill(${before.State.Pid}, 'SIGKILL')`,
  );
  const began = performance.now();
  await until(READY_MS_MAX, signal, async () => {
    const { RestartCount, State } = await project.inspect(name);
    if (RestartCount <= before.RestartCount || State.Pid === before.State.Pid) return 'was not started again';
    return notReady(name, urls[name]);
  });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  return `ready again after ${seconds} s; ${await checkCycles(smoke, signal)}`;
}

/** A restart as an operator does it: SIGTERM, and up again. */
export async function checkRestart(
  smoke: SmokeProject,
  name: ServiceName,
  signal: AbortSignal,
): Promise<string> {
  await smoke.project.compose('restart', name);
  await until(READY_MS_MAX, signal, () => notReady(name, smoke.urls[name]));
  return checkCycles(smoke, signal);
}

/** Waits for fills, holds the market, and compares ledger, balances and positions with the account at the venue. */
export async function checkProof(smoke: SmokeProject, signal: AbortSignal): Promise<string> {
  const { project, controlUrl, postgresPort } = smoke;
  const { stdout } = await project.compose('exec', '-T', 'postgres', 'cat', '/run/secrets/postgres_password');
  const [host, user, database] = ['127.0.0.1', 'fleet_admin', 'fleet'];
  const client = new Client({ host, port: postgresPort, user, database, password: stdout.trim() });
  await client.connect();
  try {
    const figures = () => runFigures({ ...smoke, client });
    await until(FILLS_MS_MAX, signal, async () =>
      (await figures()).fills > 0 ? null : 'nothing has been filled',
    );
    await askJson(`${controlUrl}/control/speed`, { method: 'POST', body: { speed: STANDSTILL } });
    await until(PROOF_MS_MAX, signal, async () => {
      const { proof } = await figures();
      return proof.equal ? null : proofText(proof);
    });
    const { cycles, approvals, fills, proof } = await figures();
    return `${cycles.completed} cycles, ${approvals} approvals, ${fills} fills; ${proofText(proof)}`;
  } finally {
    await client.end();
  }
}
