#!/usr/bin/env node
// What scripts/rotate-secret has done to a fleet of processes, in the place of Docker Compose. FLEET_HOME is the demo's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareDatabases } from '../scripts/fleet/databases.ts';
import { fleetHome } from '../scripts/fleet/fleet-home.ts';
import { loadUsers } from '../scripts/fleet/redis-users.ts';
import { readSecret, secretFiles } from '../scripts/fleet/secrets.ts';

const home = fleetHome(process.env['FLEET_HOME'] ?? '');
const [act, name = ''] = process.argv.slice(2);

switch (act) {
  case 'acl-load': {
    const { host } = new URL(readSecret(join(home.secrets, 'risk-manager/redis_url')));
    await loadUsers(`redis://${host}`);
    break;
  }
  case 'migrate': {
    const url = new URL(readSecret(join(home.secrets, 'migrate/admin_url')));
    url.username = 'postgres';
    url.password = readFileSync(join(home.postgres, 'password'), 'utf8').trim();
    await prepareDatabases({ adminUrl: url.href, secrets: secretFiles(home) });
    break;
  }
  case 'restart':
    await restart(join(home.pids, `${name}.pid`));
    break;
  default:
    throw new Error(`nothing here does ${act}`);
}

/** Ends it as Compose does; the runner starts it again. Resolves when another process is ready. */
async function restart(pidFile: string): Promise<void> {
  const before = pidOf(pidFile);
  if (before === undefined) throw new Error(`${name} does not run`);
  process.kill(before, 'SIGTERM');
  for (;;) {
    await sleep(50);
    const pid = pidOf(pidFile);
    if (pid !== undefined && pid !== before && (await isReady())) return;
  }
}

function pidOf(pidFile: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(pidFile, 'utf8')) as { pid: number }).pid;
  } catch {
    return undefined;
  }
}

async function isReady(): Promise<boolean> {
  const state = JSON.parse(readFileSync(home.stateFile, 'utf8')) as {
    services: Record<string, { url: string }>;
  };
  return await fetch(`${state.services[name]?.url}/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}
