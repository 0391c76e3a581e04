import { readFileSync } from 'node:fs';
import { z } from 'zod';

const text = z.string();
const flag = z.boolean();
const list = z.union([text.transform((one) => one.split(',')), z.array(text)]);

/**
 * The options of oauth2-proxy that decide what `/oauth2/auth` answers, by their names in its configuration file. An option
 * that is not listed here has no influence on the contract, or the configuration must not use it.
 */
const schema = z.object({
  http_address: text.default('127.0.0.1:4180'),
  metrics_address: text.optional(),
  reverse_proxy: flag.default(false),
  trusted_proxy_ips: list.default([]),
  proxy_prefix: text.default('/oauth2'),
  oidc_issuer_url: text,
  oidc_extra_audiences: list.default([]),
  client_id: text.optional(),
  client_id_file: text.optional(),
  client_secret_file: text,
  redirect_url: text,
  scope: text.default('openid email profile'),
  code_challenge_method: z.enum(['S256']).optional(),
  authenticated_emails_file: text,
  // With an e-mail domain allowed the list of people would be ignored.
  email_domains: z.never().optional(),
  skip_auth_routes: z.never().optional(),
  whitelist_domains: list.default([]),
  cookie_name: text.default('_oauth2_proxy'),
  cookie_domains: list.default([]),
  cookie_secure: flag.default(true),
  cookie_httponly: flag.default(true),
  cookie_samesite: text.optional(),
  cookie_expire: text.default('168h').transform(seconds),
  cookie_refresh: text.default('0s').transform(seconds),
  session_store_type: z.literal('redis'),
  skip_provider_button: flag.default(false),
  skip_jwt_bearer_tokens: flag.default(false),
  bearer_token_login_fallback: flag.default(true),
  set_authorization_header: flag.default(false),
  set_xauthrequest: flag.default(false),
});
export type DoubleSettings = z.output<typeof schema>;

/** Options of the file, and above them the environment's, `OAUTH2_PROXY_COOKIE_REFRESH`, as the real program has it. */
export function doubleSettings(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): DoubleSettings {
  const given: Record<string, unknown> = parseOptions(readFileSync(file, 'utf8'));
  for (const name of Object.keys(schema.shape)) {
    const value = env[`OAUTH2_PROXY_${name.toUpperCase()}`];
    if (value !== undefined) given[name] = value === 'true' ? true : value === 'false' ? false : value;
  }
  return schema.parse(given);
}

/** The part of TOML that such a file uses: `name = "text" | true | 12 | ["a", "b"]`, lists also over several lines. */
export function parseOptions(source: string): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  const lines = source.replace(/^\s*#.*$/gm, '').matchAll(/^(\w+)\s*=\s*(\[[^\]]*\]|.+?)\s*$/gm);
  for (const [, name = '', value = ''] of lines)
    options[name] = JSON.parse(value.replace(/,\s*\]$/, ']')) as unknown;
  return options;
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600, m: 60, s: 1 };

/** Go's notation of a time: `1h30m`, `15s`. */
function seconds(duration: string): number {
  const parts = [...duration.matchAll(/(\d+)([hms])/g)];
  return parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (UNITS[unit] ?? 0), 0);
}
