import { isIP } from 'node:net';
import { ConfigError, type ConfigFault } from '../config/index.ts';

/** The settings that decide how far a service may be reached; names as in the environment. */
export interface ExposureSettings {
  readonly ACCESS_CONTROL: 'token' | 'edge';
  readonly TRADING_MODE: 'paper' | 'live';
  readonly DOMAIN: string;
  readonly HOST: string;
}

export interface AccessSettings extends ExposureSettings {
  readonly ADMIN_TOKEN?: string | undefined;
  readonly IDENTITY_SOURCE: 'oidc' | 'headers';
  readonly OIDC_ISSUER?: string | undefined;
  readonly OIDC_AUDIENCES: readonly string[];
  readonly OIDC_JWKS_URL?: string | undefined;
  readonly OIDC_EMAIL_VERIFIED: 'claim' | 'provider';
  readonly ALLOWED_ORIGINS: readonly string[];
}

const LOCAL_ENDINGS = ['localhost', 'test', 'internal'];

/** True for a domain that nobody outside can reach: empty, localhost and what is reserved for tests and inside use. */
export function isLocalDomain(domain: string): boolean {
  const last = domain.toLowerCase().replace(/\.$/, '').split('.').at(-1) ?? '';
  return domain === '' || LOCAL_ENDINGS.includes(last);
}

export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/**
 * What keeps a start from being safe: with the admin token alone a service may listen beyond the loopback only for
 * paper trading without a public domain. Empty when it may start.
 */
export function exposureFaults(settings: ExposureSettings): readonly ConfigFault[] {
  const { ACCESS_CONTROL, TRADING_MODE, DOMAIN, HOST } = settings;
  if (ACCESS_CONTROL === 'edge' || isLoopback(HOST)) return [];
  const why = [
    ...(TRADING_MODE === 'live' ? ['TRADING_MODE is live'] : []),
    ...(isLocalDomain(DOMAIN) ? [] : [`DOMAIN is ${DOMAIN}`]),
  ];
  if (why.length === 0) return [];
  return [
    {
      name: 'ACCESS_CONTROL',
      problem: `is token, which guards the loopback only, while ${why.join(' and ')} and HOST is ${HOST}`,
      action:
        'set ACCESS_CONTROL=edge (production: COMPOSE_FILE=docker-compose.yml, without the override), or listen on HOST=127.0.0.1',
    },
  ];
}

/** What is missing for ACCESS_CONTROL as it is set. @throws ConfigError with every fault */
export function assertAccessSettings(settings: AccessSettings): void {
  const faults = [...exposureFaults(settings), ...edgeFaults(settings)];
  if (faults.length > 0) throw new ConfigError('environment', faults);
}

function edgeFaults(settings: AccessSettings): readonly ConfigFault[] {
  if (settings.ACCESS_CONTROL !== 'edge') return [];
  const problem = 'is required with ACCESS_CONTROL=edge and not set';
  const missing = (name: string, action: string): ConfigFault => ({ name, problem, action });
  const oidc = settings.IDENTITY_SOURCE === 'oidc';
  return [
    ...(oidc && settings.OIDC_ISSUER === undefined
      ? [missing('OIDC_ISSUER', "set it to the provider's issuer, as its ID tokens say it")]
      : []),
    ...(oidc && settings.OIDC_AUDIENCES.length === 0
      ? [
          missing(
            'OIDC_AUDIENCES',
            'set it to the client ids whose ID tokens count, the sign-in of the edge first',
          ),
        ]
      : []),
    ...(oidc && settings.OIDC_JWKS_URL === undefined
      ? [missing('OIDC_JWKS_URL', "set it to where the provider's keys are read inside the network")]
      : []),
    ...(settings.ALLOWED_ORIGINS.length === 0
      ? [missing('ALLOWED_ORIGINS', 'set it to the origins of the edge, such as https://app.example.com')]
      : []),
    ...(settings.ADMIN_TOKEN === undefined
      ? []
      : [
          {
            name: 'ADMIN_TOKEN',
            problem: 'is set, but with ACCESS_CONTROL=edge a service holds only its hash',
            action:
              'unset ADMIN_TOKEN and ADMIN_TOKEN_FILE; admin_token_hashes in ACCESS_DIR takes their place',
          },
        ]),
  ];
}
