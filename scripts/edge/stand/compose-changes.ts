import { join } from 'node:path';

export interface Changes {
  /** Of the test: bundles, certificates, settings. */
  readonly folder: string;
  readonly nodeImage: string;
  readonly identityPort: number;
  readonly controlPort: number;
  /** The real oauth2-proxy, where there is one. */
  readonly oauth2ProxyBinary: string | undefined;
}

const PLAIN = { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] };

/**
 * What the test adds to docker-compose.yml: certificates of its own, the identity provider, two containers to ask from, and
 * programs in the place of images that cannot be pulled here. Everything else is the production file as it stands.
 */
export function composeChanges(changes: Changes): object {
  const { folder, nodeImage, identityPort, controlPort, oauth2ProxyBinary } = changes;
  const bundle = (name: string): string => `${join(folder, 'bundles')}/${name}.mjs:/edge/${name}.mjs:ro`;
  const node = (name: string) => ({
    ...{ image: nodeImage, entrypoint: ['node', `/edge/${name}.mjs`], volumes: [bundle(name)] },
  });
  const keys = (at: string): string[] =>
    ['ca', 'certs'].map((part) => `${join(folder, 'traefik', part)}:${at}/${part}:ro`);
  const own = (name: string) => ({ ...node(name), ...PLAIN, user: '1000:1000', mem_limit: '192m' });
  const stands = (port: number) => ({
    ...{ ...node('stand-in'), command: [], mem_limit: '128m', healthcheck: { disable: true } },
    environment: { STAND_IN_PORT: String(port) },
  });
  const waiting = { command: [], entrypoint: ['node', '-e', 'setInterval(() => undefined, 1e6)'] };
  return {
    services: {
      render: {
        volumes: keys('/app/traefik'),
        // As this test has it: checks put the streamer in the place of a program.
        environment: { RENDER_UPSTREAMS: null },
      },
      traefik: { volumes: keys('/etc/traefik'), networks: { outside: {} } },
      'oauth2-proxy': {
        ...(oauth2ProxyBinary === undefined
          ? node('double')
          : {
              image: nodeImage,
              entrypoint: ['/edge/oauth2-proxy'],
              volumes: [`${oauth2ProxyBinary}:/edge/oauth2-proxy:ro`],
            }),
        environment: { OAUTH2_PROXY_METRICS_ADDRESS: '0.0.0.0:44180' },
        networks: { outside: {} },
      },
      grafana: { ...node('grafana'), command: [], mem_limit: '128m', healthcheck: { disable: true } },
      loki: stands(3100),
      identity: {
        ...own('provider'),
        environment: {
          ...{ ISSUER: 'http://identity.test:9000', PORT: '9000', CONTROL_PORT: '9001' },
          SETTINGS_FILE: '/edge/provider.json',
        },
        volumes: [bundle('provider'), `${join(folder, 'provider.json')}:/edge/provider.json:ro`],
        networks: { outside: { aliases: ['identity.test'] } },
        ports: [`127.0.0.1:${identityPort}:9000`, `127.0.0.1:${controlPort}:9001`],
      },
      streamer: { ...own('streamer'), environment: { PORT: '7000' }, networks: ['agents'] },
      intruder: { ...own('agent'), ...waiting, networks: ['agents'] },
      observer: {
        ...{ ...own('agent'), ...waiting },
        networks: ['agents', 'edge', 'monitoring', 'logs'],
      },
    },
    // On egress containers do not reach each other; the provider stands for one of the world outside.
    networks: { outside: {} },
  };
}
