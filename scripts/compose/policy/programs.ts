import { SERVICE_NAMES } from '../../fleet/services.ts';
import type { Service } from './compose-config.ts';
import { CONTAINERS } from './containers.ts';

/** Programs of the published images that a healthcheck may start. */
const HEALTH_PROGRAMS: Readonly<Record<string, string>> = {
  redis: 'redis-cli',
  postgres: 'pg_isready',
  backup: 'bash',
  traefik: 'traefik',
  prometheus: 'promtool',
  alertmanager: 'amtool',
  // Of busybox.
  grafana: 'wget',
  'blackbox-exporter': 'wget',
  'node-exporter': 'wget',
  'postgres-exporter': 'wget',
};
/** Word for word, where one word less says "healthy" of what is not. */
const HEALTH_TESTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(SERVICE_NAMES.map((name) => [name, 'CMD node healthcheck.js /ready'])),
  'exchange-simulator': 'CMD node healthcheck.js /health',
  // Without -e a refusal counts as an answer.
  redis: 'CMD redis-cli --no-auth-warning --user probe --pass none -e ping',
};
/** Word for word. */
const COMMANDS: Readonly<Record<string, string>> = {
  backup: 'run',
  traefik: '--configFile=/etc/traefik/static/traefik.yml',
  'oauth2-proxy': '--config=/etc/oauth2-proxy/oauth2-proxy.cfg',
  'blackbox-exporter': '--config.file=/etc/blackbox/config.yml',
  loki: '-config.file=/etc/loki/loki.yml',
  grafana: '',
  'redis-exporter': '',
  'postgres-exporter': '',
  'slack-mcp-server': '',
};
/** Of the others, options on which it hangs that nothing is lost and nobody else gets in: each once. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  redis: [
    '--aclfile /run/secrets/users.acl',
    '--dir /data',
    '--appendonly yes',
    '--appendfsync everysec',
    '--maxmemory 384mb',
    '--maxmemory-policy noeviction',
  ],
  postgres: ['hba_file=/etc/postgres/pg_hba.conf', 'max_slot_wal_keep_size=2GB'],
  prometheus: ['--config.file=/etc/prometheus/prometheus.yml', '--web.config.file=/run/prometheus/web.yml'],
  alertmanager: [
    '--config.file=/etc/alertmanager/rendered/alertmanager.yml',
    '--web.config.file=/etc/alertmanager/rendered/web.yml',
  ],
};
const OWN_ENTRYPOINTS: Readonly<Record<string, RegExp>> = {
  backup: /^bash \/opt\/backup\/backup$/,
  'slack-mcp-server':
    /^\/bin\/sh -c export SLACK_MCP_API_KEY="\$+\(cat \/run\/secrets\/api_key\)"; : "\$+\{SLACK_MCP_API_KEY:\?[\w :/-]+\}"; SLACK_MCP_XOXB_TOKEN="\$+\(cat \/run\/secrets\/slack_bot_token\)" exec mcp-server --transport http$/,
};
const VERSIONED = /:v?\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?$|@sha256:[0-9a-f]{64}$/;

/** Of an exact version, where it is published. */
export function isExact({ build, image = '' }: Service): boolean {
  return build !== undefined || VERSIONED.test(image);
}

/** Its own program and no other of that name elsewhere. */
export function isItsImage(name: string, { build, image }: Service): boolean {
  const known = CONTAINERS[name];
  if (known === undefined) return false;
  if (known.image === undefined) {
    const program = known.target === 'service' ? name : undefined;
    return image === undefined && build?.target === known.target && build?.args?.PROGRAM === program;
  }
  return build === undefined && image?.replace(/@sha256:.*$/, '').replace(/:[^:/]*$/, '') === known.image;
}

export function isChecked({ healthcheck }: Service): boolean {
  return healthcheck !== undefined && healthcheck.disable !== true && healthcheck.test?.[0] !== 'NONE';
}

export function usesOwnProgram(name: string, service: Service): boolean {
  const { healthcheck, build } = service;
  if (!isChecked(service)) return true;
  const test = healthcheck?.test ?? [];
  const exact = HEALTH_TESTS[name];
  if (exact !== undefined) return test.join(' ') === exact;
  const [kind, program] = test;
  const own = build === undefined ? HEALTH_PROGRAMS[name] : 'node';
  return kind === 'CMD' && own !== undefined && program === own;
}

/** The image's own entrypoint, and each option that must be given, once and with its value. */
export function startsAsItMust(name: string, { build, entrypoint, command }: Service): boolean {
  const own = OWN_ENTRYPOINTS[name];
  const begins = (entrypoint ?? []).join(' ');
  if (own === undefined ? begins !== '' : !own.test(begins)) return false;
  if (build !== undefined && build.target !== 'simulator') return (command ?? []).length === 0;
  const said = (command ?? []).join(' ');
  const exact = COMMANDS[name];
  return exact === undefined ? (OPTIONS[name] ?? []).every((option) => says(said, option)) : said === exact;
}

function says(command: string, option: string): boolean {
  // The last of two would count.
  const [key = ''] = /^[^ =]+[ =]/.exec(option) ?? [];
  return ` ${command} `.includes(` ${option} `) && ` ${command}`.split(` ${key}`).length === 2;
}
