import { ConfigError } from '@fleet/shared/config';
import { SERVICE_NAMES, type ServiceName } from '../fleet/services.ts';

/** Everything that Traefik sends requests to, in one namespace. */
export type Upstream =
  | ServiceName
  | 'oauth2-proxy'
  | 'grafana'
  | 'prometheus'
  | 'alertmanager'
  | 'traefik-internal';
export type Upstreams = Readonly<Record<Upstream, string>>;

const SERVICE_PORT_FIRST = 7001;

/** The addresses of docker-compose.yml. */
const USUAL: Upstreams = {
  ...(Object.fromEntries(
    SERVICE_NAMES.map((name, index) => [name, `http://${name}:${SERVICE_PORT_FIRST + index}`]),
  ) as Record<ServiceName, string>),
  // Traefik shares two networks with it and must come from the one whose address oauth2-proxy trusts.
  'oauth2-proxy': 'http://oauth2-proxy.edge:4180',
  grafana: 'http://grafana:3000',
  prometheus: 'http://prometheus:9090',
  alertmanager: 'http://alertmanager:9093',
  // Traefik itself: where a page without sign-in is told where to go.
  'traefik-internal': 'http://127.0.0.1:8081',
};

/** With `changes` as NAME=URL. @throws ConfigError */
export function upstreamsWith(changes: readonly string[]): Upstreams {
  const given = changes.map((change) => {
    const at = change.indexOf('=');
    return [change.slice(0, at), change.slice(at + 1)] as const;
  });
  const faults = given
    .filter(([name, url]) => !Object.hasOwn(USUAL, name) || !/^https?:\/\/[^\s/]+$/.test(url))
    .map(([name, url]) => ({
      name: 'RENDER_UPSTREAMS',
      problem: 'must hold NAME=http://HOST:PORT, separated by commas',
      got: `${name}=${url}`,
      action: `known names: ${Object.keys(USUAL).join(', ')}`,
    }));
  if (faults.length > 0) throw new ConfigError('environment', faults);
  return { ...USUAL, ...Object.fromEntries(given) };
}
