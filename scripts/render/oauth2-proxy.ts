import type { ConfigFault } from '@fleet/shared/config';
import { type Secrets, secretOf } from './secrets.ts';
import { adminOrigin, publicOrigin, type Settings } from './settings.ts';
import { fillTemplate } from './template.ts';

export const OAUTH2_PROXY_TEMPLATE = 'oauth2-proxy/oauth2-proxy.cfg';

/** oauth2-proxy's own file; with GitHub as provider there is no ID token and nothing that stands for one. */
export function oauth2ProxyFile(
  template: string,
  settings: Settings,
  secrets: Secrets,
  faults: ConfigFault[],
): string {
  const clientId = secretOf(secrets, 'oauth2_client_id');
  const [audience] = settings.OIDC_AUDIENCES;
  if (audience !== clientId)
    faults.push({
      name: 'OIDC_AUDIENCES',
      problem: 'does not begin with the client id in the secret oauth2_client_id',
      got: audience,
      action: 'ID tokens are made for the client that asks: make both the same',
    });
  const hosts = [publicOrigin(settings, 'app'), publicOrigin(settings, 'grafana'), adminOrigin(settings)];
  return fillTemplate(
    template,
    OAUTH2_PROXY_TEMPLATE,
    {
      EDGE_TRAEFIK_ADDRESS: settings.EDGE_TRAEFIK_ADDRESS,
      PROVIDER_NAME: settings.OIDC_PROVIDER,
      PROVIDER_SETTINGS: providerSettings(settings).join('\n'),
      CLIENT_ID: clientId,
      APP_ORIGIN: publicOrigin(settings, 'app'),
      WHITELIST_DOMAINS: hosts.map((origin) => `"${new URL(origin).host}"`).join(', '),
      DOMAIN: settings.DOMAIN,
      SESSION_REFRESH: settings.OIDC_SESSION_REFRESH,
      REDIS_URL: secretOf(secrets, 'oauth2_redis_url'),
      OAUTH2_SECRETS_DIR: settings.RENDER_OAUTH2_SECRETS_DIR,
      OAUTH2_CONFIG_DIR: settings.RENDER_OAUTH2_CONFIG_DIR,
    },
    faults,
  );
}

function providerSettings(settings: Settings): readonly string[] {
  // GitHub: the e-mail of the account is the identity (IDENTITY_SOURCE=headers), and ops_cli has no token to show.
  if (settings.OIDC_PROVIDER === 'github') return ['provider = "github"', 'scope = "user:email"'];
  const others = [...settings.OIDC_AUDIENCES.slice(1), settings.OIDC_CLI_CLIENT_ID];
  return [
    'provider = "oidc"',
    `oidc_issuer_url = "${settings.OIDC_ISSUER}"`,
    `scope = "${settings.OIDC_SCOPE}"`,
    'code_challenge_method = "S256"',
    // ops_cli signs in by itself, as a public client of the same provider, and shows its token instead of a cookie.
    'skip_jwt_bearer_tokens = true',
    `oidc_extra_audiences = [${[...new Set(others)].map((name) => `"${name}"`).join(', ')}]`,
    // A bad token is a bad token, and no reason to look at cookies.
    'bearer_token_login_fallback = false',
  ];
}
