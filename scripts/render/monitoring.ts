import { createHmac } from 'node:crypto';
import { encodeBase64, hashSync } from 'bcryptjs';
import { stringify } from 'yaml';
import { type Secrets, secretOf } from './secrets.ts';
import type { Settings } from './settings.ts';

const BCRYPT_COST = 10;
const SALT_BYTES = 16;

/**
 * The web configuration of Prometheus and Alertmanager: one user, by the hash of its password. The salt follows from the
 * password, which is a long random one, so that the same secrets make the same file.
 */
export function webFile(user: 'prometheus' | 'alertmanager', secrets: Secrets): string {
  const password = secretOf(secrets, `${user}_password`);
  const salt = createHmac('sha256', password).update(`${user} web.yml`).digest().subarray(0, SALT_BYTES);
  const hash = hashSync(password, `$2b$${BCRYPT_COST}$${encodeBase64(salt, SALT_BYTES)}`);
  return stringify({ basic_auth_users: { [user]: hash } });
}

/**
 * Probes of the edge by its own names, for Prometheus: asked inside the stack at Traefik's address, so that neither DNS nor
 * a way out is needed. Without the edge there is nothing to probe.
 */
export function edgeTargetsFile({ ACCESS_CONTROL, DOMAIN, OIDC_PROVIDER }: Settings): string {
  if (ACCESS_CONTROL !== 'edge') return '[]\n';
  const probe = (name: string, target: string, module: string, hostname?: string) => ({
    targets: [target],
    labels: {
      probe: name,
      __param_module: module,
      ...(hostname === undefined ? {} : { __param_hostname: hostname }),
    },
  });
  return stringify([
    probe('edge-app', 'https://traefik:8443/', 'https_edge', `app.${DOMAIN}`),
    probe('edge-grafana', 'https://traefik:8443/', 'https_edge', `grafana.${DOMAIN}`),
    probe('edge-admin', 'traefik:9443', 'tls_edge', `admin.${DOMAIN}`),
    ...(OIDC_PROVIDER === 'oidc'
      ? [probe('identity-provider', 'http://traefik:8081/oidc/jwks', 'http_2xx')]
      : []),
  ]);
}
