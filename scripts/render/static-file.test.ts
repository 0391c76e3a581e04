import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');
const traefik = readFileSync(join(root, 'traefik/static/traefik.yml'), 'utf8');
const oauth2Proxy = readFileSync(join(root, 'oauth2-proxy/oauth2-proxy.cfg'), 'utf8');

const off = z.literal(false);
/** Every value that lets somebody in, believes somebody or has no end, as it must be; a key that is not here is refused. */
const entryPoint = (address: string) =>
  z.strictObject({
    address: z.literal(address),
    transport: z.strictObject({
      respondingTimeouts: z.strictObject({
        readTimeout: z.literal('15s'),
        // Of answers, which may be streams.
        writeTimeout: z.literal('0s'),
        idleTimeout: z.literal('60s'),
      }),
      lifeCycle: z.strictObject({ graceTimeOut: z.literal('8s') }),
    }),
    forwardedHeaders: z.strictObject({ insecure: off, trustedIPs: z.tuple([]) }),
    http: z.strictObject({
      aliasHeadersStrategy: z.literal('reject'),
      maxHeaderBytes: z.literal(8192),
      sanitizePath: z.literal(true),
      encodeQuerySemicolons: off,
      encodedCharacters: z.strictObject({
        allowEncodedSlash: off,
        allowEncodedBackSlash: off,
        allowEncodedNullCharacter: off,
        allowEncodedSemicolon: off,
        allowEncodedPercent: off,
        allowEncodedQuestionMark: off,
        allowEncodedHash: off,
      }),
    }),
  });
const STATIC = z.strictObject({
  global: z.strictObject({ checkNewVersion: off, sendAnonymousUsage: off }),
  entryPoints: z.strictObject({
    web: entryPoint(':8080'),
    websecure: entryPoint(':8443'),
    admin: entryPoint(':9443'),
    internal: entryPoint(':8081'),
    jwks: entryPoint(':8444'),
    metrics: entryPoint(':8082'),
  }),
  providers: z.strictObject({
    file: z.strictObject({ directory: z.literal('/etc/traefik/dynamic'), watch: z.literal(true) }),
  }),
  api: z.strictObject({
    dashboard: z.literal(true),
    insecure: off,
    basePath: z.literal('/traefik'),
    disableDashboardAd: z.literal(true),
  }),
  ping: z.strictObject({ entryPoint: z.literal('metrics'), manualRouting: z.literal(true) }),
  metrics: z.strictObject({
    prometheus: z.strictObject({
      entryPoint: z.literal('metrics'),
      addEntryPointsLabels: z.boolean(),
      addRoutersLabels: z.boolean(),
      addServicesLabels: z.boolean(),
      buckets: z.array(z.number().positive()).min(5),
    }),
  }),
  log: z.strictObject({ level: z.literal('INFO'), format: z.literal('json') }),
  accessLog: z.strictObject({
    format: z.literal('json'),
    fields: z.strictObject({
      defaultMode: z.literal('keep'),
      // More may be left out, and who it was stays out.
      names: z.looseObject({ ClientUsername: z.literal('drop') }).catchall(z.literal('drop')),
      headers: z.strictObject({ defaultMode: z.literal('drop') }),
      queryParameters: z.strictObject({ defaultMode: z.literal('drop') }),
    }),
  }),
  certificatesResolvers: z.strictObject({
    acme: z.strictObject({
      acme: z.strictObject({
        storage: z.literal('/acme/acme.json'),
        keyType: z.literal('EC256'),
        httpChallenge: z.strictObject({ entryPoint: z.literal('web') }),
      }),
    }),
  }),
});

const isStatic = (text: string): boolean => {
  try {
    return STATIC.safeParse(parse(text, { merge: true })).success;
  } catch {
    return false;
  }
};
/** Of a text, what stands there once or more, in another way: everywhere, for the anchors stand for all entry points. */
const changed = (text: string, from: string, to: string): string => {
  expect(text, `${from} is not there`).toContain(from);
  return text.replaceAll(from, to);
};

describe('traefik/static/traefik.yml', () => {
  it('is as it must be, value by value', () => {
    expect(STATIC.parse(parse(traefik, { merge: true }))).toBeDefined();
  });

  it.each([
    ['      insecure: false', '      insecure: true'],
    ['  insecure: false\n  basePath', '  insecure: true\n  basePath'],
    ['trustedIPs: []', 'trustedIPs: [0.0.0.0/0]'],
    ['      aliasHeadersStrategy: reject\n', ''],
    ['aliasHeadersStrategy: reject', 'aliasHeadersStrategy: keep'],
    ['readTimeout: 15s', 'readTimeout: 0s'],
    ['readTimeout: 15s', 'readTimeout: 0'],
    ['idleTimeout: 60s', 'idleTimeout: 0s'],
    ['maxHeaderBytes: 8192', 'maxHeaderBytes: 8192000'],
    ['sanitizePath: true', 'sanitizePath: false'],
    ['encodeQuerySemicolons: false', 'encodeQuerySemicolons: true'],
    ['allowEncodedSlash: false', 'allowEncodedSlash: true'],
    ['        allowEncodedSlash: false\n', ''],
    ['allowEncodedNullCharacter: false', 'allowEncodedNullCharacter: true'],
    ['address: ":8443"', 'address: ":8443"\n    http3: {}'],
    ['address: ":9443"', 'address: ":9443"\n    http3: { advertisedPort: 443 }'],
    ['address: ":9443"', 'address: ":9444"'],
    ['address: ":9443"', 'address: ":9443"\n    proxyProtocol: { insecure: true }'],
    ['address: ":9443"', 'address: ":9443"\n    allowACMEByPass: true'],
    ['\nproviders:', '\nproviders:\n  docker: { exposedByDefault: true }'],
    ['manualRouting: true', 'manualRouting: false'],
    ['\napi:', '\napi:\n  debug: true'],
    ['level: INFO', 'level: DEBUG'],
    ['    headers:\n      defaultMode: drop', '    headers:\n      defaultMode: keep'],
    ['queryParameters:\n      defaultMode: drop', 'queryParameters:\n      defaultMode: keep'],
    ['\nping:', '\nserversTransport: { insecureSkipVerify: true }\nping:'],
    ['\nping:', '\nexperimental: { plugins: {} }\nping:'],
    ['entryPoints:', 'entryPoint:'],
    ['      respondingTimeouts:', '     respondingTimeouts:'],
  ])('is refused when %j is %j', (from, to) => {
    expect(isStatic(changed(traefik, from, to))).toBe(false);
  });
});

/** Of oauth2-proxy's file, names and values; what is rendered stands in double braces. */
function settings(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = line, value = ''] = /^([a-z0-9_]+) = (.+)$/.exec(line) ?? [];
      return [name, value] as const;
    }),
  );
}

const SIGN_IN = {
  http_address: '"0.0.0.0:4180"',
  reverse_proxy: 'true',
  trusted_proxy_ips: '["{{EDGE_TRAEFIK_ADDRESS}}/32"]',
  real_client_ip_header: '"X-Real-IP"',
  upstreams: '["static://202"]',
  '{{PROVIDER_SETTINGS}}': '',
  client_id: '"{{CLIENT_ID}}"',
  client_secret_file: '"{{OAUTH2_SECRETS_DIR}}/client_secret"',
  redirect_url: '"{{APP_ORIGIN}}/oauth2/callback"',
  skip_provider_button: 'true',
  whitelist_domains: '[{{WHITELIST_DOMAINS}}]',
  authenticated_emails_file: '"{{OAUTH2_CONFIG_DIR}}/emails.txt"',
  cookie_name: '"__Secure-fleet"',
  cookie_secret_file: '"{{OAUTH2_SECRETS_DIR}}/cookie_secret"',
  cookie_domains: '["{{DOMAIN}}"]',
  cookie_path: '"/"',
  cookie_secure: 'true',
  cookie_httponly: 'true',
  cookie_samesite: '"lax"',
  cookie_expire: '"12h"',
  cookie_refresh: '"{{SESSION_REFRESH}}"',
  cookie_csrf_per_request: 'true',
  cookie_csrf_per_request_limit: '5',
  cookie_csrf_expire: '"10m"',
  session_store_type: '"redis"',
  redis_connection_url: '"{{REDIS_URL}}"',
  set_xauthrequest: 'true',
  set_authorization_header: 'true',
  pass_access_token: 'false',
  pass_basic_auth: 'false',
  pass_user_headers: 'false',
  request_logging: 'false',
  auth_logging: 'true',
  standard_logging: 'true',
  silence_ping_logging: 'true',
  show_debug_on_error: 'false',
  banner: '"-"',
  footer: '"-"',
};

describe('oauth2-proxy/oauth2-proxy.cfg', () => {
  it('has these settings and no others', () => {
    expect(settings(oauth2Proxy)).toEqual(SIGN_IN);
  });

  it.each([
    ['cookie_expire = "12h"', 'cookie_expire = "720h"'],
    ['cookie_secure = true', 'cookie_secure = false'],
    ['cookie_httponly = true\n', ''],
    ['{{EDGE_TRAEFIK_ADDRESS}}/32', '0.0.0.0/0'],
    ['reverse_proxy = true', 'reverse_proxy = true\nskip_auth_routes = ["^/"]'],
    ['pass_access_token = false', 'pass_access_token = true'],
    ['upstreams =', 'email_domains = ["*"]\nupstreams ='],
    ['cookie_refresh =', 'cookie_refresch ='],
  ])('is another when %j is %j', (from, to) => {
    expect(settings(changed(oauth2Proxy, from, to))).not.toEqual(SIGN_IN);
  });
});
