// pnpm dashboards:check: every query of every panel and rule, asked of a real Prometheus that scrapes a trading fleet.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type CheckResult, checkQueries } from './dashboards/check-queries.ts';
import { startOwnFleet } from './dashboards/own-fleet.ts';
import { closeConnections } from './fleet/http-json.ts';
import { failureText } from './fleet/run-failure.ts';

const USAGE = `usage: pnpm dashboards:check [--prometheus URL [--user NAME --password-file FILE]]

  --prometheus URL      ask this one, with its route prefix (http://127.0.0.1:9090/prometheus); it scrapes the fleet of
                        docker-compose.yml. Without it a fleet and a Prometheus are started here, and taken down.
  --user, --password-file   where it wants a name and a password
`;

const root = join(import.meta.dirname, '..');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => stop.abort(new Error(`stopped by ${name}`)));

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`dashboards: ${failureText(error)}\n`);
  say('0 passed, 1 failed');
  process.exitCode = 1;
} finally {
  closeConnections();
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      prometheus: { type: 'string' },
      user: { type: 'string' },
      'password-file': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const authorization = basic(values.user, values['password-file']);
  const result =
    values.prometheus === undefined
      ? await onOwnFleet()
      : await checkQueries({
          ...{ prometheusUrl: values.prometheus.replace(/\/$/, ''), authorization, place: 'compose', say },
        });
  return told(result);
}

async function onOwnFleet(): Promise<CheckResult> {
  const fleet = await startOwnFleet(root, say, stop.signal);
  try {
    return await checkQueries({ prometheusUrl: fleet.prometheusUrl, place: 'processes', say });
  } finally {
    await fleet.stop();
  }
}

function told({ passed, failed, dashboards, panels, queries, rules }: CheckResult): number {
  say(`${dashboards} dashboards, ${panels} panels, ${queries} queries of Prometheus, ${rules} rules`);
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

function basic(user: string | undefined, passwordFile: string | undefined): string | undefined {
  if (user === undefined && passwordFile === undefined) return undefined;
  if (user === undefined || passwordFile === undefined)
    throw new Error('--user and --password-file belong together');
  const password = readFileSync(passwordFile, 'utf8').trim();
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
