import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PROGRAMS } from '../bundle/programs.ts';
import { SERVICE_NAMES } from '../fleet/services.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const compose = read('docker-compose.yml');
const override = read('docker-compose.override.yml');

/** `NAME` to the default of `${NAME:-default}` or `${NAME-default}`, of every mention. */
function variables(text: string): Map<string, string> {
  const mentions = text.matchAll(/\$\{([A-Z_]+):?-([^}]*)\}/g);
  return new Map([...mentions].map(([, name = '', value = '']) => [name, value]));
}

const example = new Map(
  read('.env.example')
    .split('\n')
    .flatMap((line) => {
      const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value ?? ''] as const];
    }),
);

describe('.env.example', () => {
  it('names every variable of the compose files with its default, and no other', () => {
    const used = [...variables(compose), ...variables(override)];
    expect(new Map([...example].sort())).toEqual(new Map(used.sort()));
  });

  it('leaves nothing to Compose that has no default', () => {
    expect(`${compose}${override}`.match(/\$\{[A-Z_]+\}|\$[A-Z_]+/g)).toBeNull();
  });
});

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        build?: { args?: { PROGRAM?: string; PORT?: number } };
        ports?: string[];
        user?: string;
        volumes?: (string | { source: string; target: string })[];
        command?: string[];
        logging?: { options: Record<string, string> };
      }
    >
  >;
}

const parsed = (text: string): Compose => parse(text, { merge: true, logLevel: 'error' }) as Compose;

describe('a default', () => {
  it.each([
    ['EDGE_RATE_FACTOR', '1'],
    ['TRADING_MODE', 'paper'],
    ['LIVE_TRADING_ACK', ''],
    ['TLS_MODE', 'files'],
    ['IDENTITY_SOURCE', 'oidc'],
    ['OIDC_EMAIL_VERIFIED', 'claim'],
    ['OIDC_SESSION_REFRESH', '2m'],
    ['EGRESS_BRIDGE', 'fleet-egress'],
    ['LOG_LEVEL', 'info'],
  ])('is the careful one: %s=%s', (name, value) => {
    const said = [...compose.matchAll(new RegExp(`\\$\\{${name}:?-([^}]*)\\}`, 'g'))].map(
      ([, given]) => given,
    );
    expect(new Set(said)).toEqual(new Set([value]));
  });
});

describe('docker-compose.override.yml', () => {
  it('can leave the admin token out, with which no service starts behind the edge', () => {
    expect(variables(override).get('DEVELOPMENT_TOKEN_FILE')).toBe('/run/development/admin_token');
    // With ":-" an empty one would be the default again.
    expect(override).not.toContain('DEVELOPMENT_TOKEN_FILE:-');
  });
});

describe('docker-compose.yml', () => {
  const { services } = parsed(compose);

  it('has every program that is bundled', () => {
    expect(PROGRAMS.filter(({ name }) => services[name]?.build === undefined)).toEqual([]);
  });

  it('builds each service as itself', () => {
    expect(SERVICE_NAMES.map((name) => services[name]?.build?.args?.PROGRAM)).toEqual(SERVICE_NAMES);
  });

  it("gives a container no other container's secrets, and init-secrets makes its folder for its user", () => {
    const folders = /FOLDERS='([^']+)'/.exec(read('scripts/lib/secrets.sh'))?.[1]?.split(/\s+/) ?? [];
    const owners = new Map(folders.map((folder) => folder.split(':') as [string, string]));
    for (const [name, { user, volumes = [] }] of Object.entries(services)) {
      const secrets = volumes.flatMap((volume) =>
        typeof volume !== 'string' && volume.source.includes('SECRETS_DIR') ? [volume] : [],
      );
      for (const { source, target } of secrets) {
        expect(source).toBe(`\${SECRETS_DIR:-./secrets}/${name}`);
        expect(target).toBe('/run/secrets');
        const owner = SERVICE_NAMES.some((service) => service === name) ? '1000' : owners.get(name);
        expect([name, user]).toEqual([name, `${owner}:${owner}`]);
      }
    }
  });

  it("marks each container's lines with its name", () => {
    const tags = Object.entries(services).map(([name, { logging }]) => [name, logging?.options['tag']]);
    expect(tags).toEqual(Object.keys(services).map((name) => [name, name]));
  });

  it('publishes each service in development on the port that it listens on', () => {
    const published = parsed(override);
    for (const name of SERVICE_NAMES) {
      const port = services[name]?.build?.args?.PORT;
      expect(published.services[name]?.ports?.[0]).toMatch(
        new RegExp(`^127\\.0\\.0\\.1:.*:-${port}\\}:${port}$`),
      );
    }
  });

  it.each(['prometheus', 'alertmanager'])(
    'has %s ask for a password, and nobody stop or change it',
    (name) => {
      const command = parsed(compose).services[name]?.command ?? [];
      expect(command).toContainEqual(expect.stringMatching(/^--web\.config\.file=\S+web\.yml$/));
      // Reload, quit, deletion and snapshots over HTTP are off unless asked for.
      const open = /^--web\.enable-|^--enable-feature/;
      expect(command.filter((option) => open.test(option))).toEqual([]);
    },
  );

  it('is scraped as a whole', () => {
    const config = parse(read('prometheus/prometheus.yml')) as {
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
    };
    const job = config.scrape_configs.find(({ job_name }) => job_name === 'services');
    const wanted = SERVICE_NAMES.map((name) => `${name}:${services[name]?.build?.args?.PORT}`);
    expect(job?.static_configs[0]?.targets).toEqual(wanted);
  });
});
