import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../report.ts';
import { readRules } from '../rules.ts';
import type { LogPathStand } from './stand.ts';

/** Of /proc/<pid>/status: DAC_READ_SEARCH is the second bit. */
const CAPABILITIES = { loki: '0000000000000000', alloy: '0000000000000004' } as const;
const LOUD = /"level":"(error|fatal|critical)"/;
/** Rates of streams at each start, before the ring has its one member; and with each query, because deletion is disabled. */
const EXPECTED = /"caller":"ratestore\.go|deletion is not available for this tenant/;
const USERS = { loki: '10001', alloy: '0' } as const;

/** Both run as docker-compose.yml has them, with the files of the checkout, and say what rules and panels ask for. */
export async function checkPrograms(stand: LogPathStand, report: Report): Promise<void> {
  for (const service of ['loki', 'alloy'] as const) {
    const { Id, State, RestartCount, HostConfig } = await stand.project.inspect(service);
    const status = await readFile(`/proc/${State.Pid}/status`, 'utf8');
    const seen = [/^Uid:\s+(\d+)/m, /^CapEff:\s+(\w+)/m, /^CapBnd:\s+(\w+)/m, /^NoNewPrivs:\s+(\d)/m].map(
      (pattern) => pattern.exec(status)?.[1],
    );
    const wanted = [USERS[service], CAPABILITIES[service], CAPABILITIES[service], '1'];
    const holds = `${seen}` === `${wanted}` && HostConfig.ReadonlyRootfs && RestartCount === 0;
    report(
      `${service} runs as user ${USERS[service]}, without rights that it does not need`,
      holds ? null : `user, rights, bound, no new ones: ${seen}; ${RestartCount} restarts`,
    );
    const { all } = await stand.project.docker('container', 'logs', Id);
    const loud = all.split('\n').filter((line) => LOUD.test(line) && !EXPECTED.test(line));
    report(`${service} starts without an error`, loud.length === 0 ? null : loud.slice(0, 5).join('\n'));
  }
  await checkLoki(stand, report);
  await checkAlloy(stand, report);
}

async function checkLoki(stand: LogPathStand, report: Report): Promise<void> {
  const url = await stand.url('loki');
  const config = await (await fetch(`${url}/config`)).text();
  const missing = ['retention_period: 30d', 'retention_enabled: true', 'deletion_mode: disabled'].filter(
    (setting) => !config.includes(setting),
  );
  const shown = config.match(/.*(retention|deletion).*/g);
  report(
    'loki keeps and deletes as loki.yml says',
    missing.length === 0 ? null : `not: ${missing}; ${shown}`,
  );
  const parameters = new URLSearchParams({ query: '{service=~".+"}', start: '1' });
  const { status } = await fetch(`${url}/loki/api/v1/delete?${parameters}`, { method: 'POST' });
  report(
    'what is written cannot be deleted by a request',
    status >= 400 ? null : `it is answered with ${status}`,
  );
}

/** Names in rules, panels and the list of what exporters have, of the two programs. */
async function checkAlloy(stand: LogPathStand, report: Report): Promise<void> {
  const url = await stand.url('alloy');
  const ready = await fetch(`${url}/-/ready`);
  report('alloy answers what Prometheus probes', ready.ok ? null : `${ready.status}`);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const listed = readFileSync(join(import.meta.dirname, '../exporter-metrics.txt'), 'utf8');
  const named = [listed, ...readRules().map(({ expr }) => expr)].join('\n');
  const names = new Set(named.match(/\b(?:alloy|loki)_[a-z0-9_]+/g));
  const missing = [...names].filter((name) => !new RegExp(`^${name}[ {]`, 'm').test(metrics));
  report(
    `alloy has the ${names.size} metrics that rules and panels ask for`,
    names.size > 0 && missing.length === 0 ? null : `not: ${missing}`,
  );
}
