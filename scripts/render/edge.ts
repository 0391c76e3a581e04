import { stringify } from 'yaml';
import type { EdgeInput } from './edge-input.ts';
import { middlewares } from './edge-middlewares.ts';
import { routers } from './edge-routers.ts';

const HEADER = `# Made by scripts/render.ts of config/access.yaml, config/operators.yaml, .env and the secrets. It holds secrets.
`;
const CIPHERS = [
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
] as const;

/** Traefik's dynamic configuration, in one file: a half of it never counts without the other. */
export function edgeFile(input: EdgeInput): string {
  const document = {
    http: {
      routers: routers(input),
      services: services(input),
      middlewares: middlewares(input),
      serversTransports: {
        behind: {
          maxIdleConnsPerHost: 64,
          forwardingTimeouts: { dialTimeout: '3s', responseHeaderTimeout: '60s', idleConnTimeout: '4s' },
        },
      },
    },
    tls: tls(input),
  };
  return (
    HEADER + certificateNote(input) + stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })
  );
}

/** Nothing to Traefik but a change of its file, at which it reads the certificate and the key again. */
function certificateNote({ certificate }: EdgeInput): string {
  return certificate === undefined ? '' : `# Read with it: ${certificate}\n`;
}

function services({ upstreams, keySet }: EdgeInput): Record<string, unknown> {
  const behind = (url: string, passHostHeader: boolean): unknown => ({
    loadBalancer: { servers: [{ url }], passHostHeader, serversTransport: 'behind' },
  });
  return {
    ...Object.fromEntries(Object.entries(upstreams).map(([name, url]) => [name, behind(url, true)])),
    ...(keySet === undefined ? {} : { 'key-set': behind(keySet.origin, false) }),
  };
}

/** Whatever falls back on an option falls on the strict one. */
function tls({ settings, authorities }: EdgeInput): Record<string, unknown> {
  const common = { minVersion: 'VersionTLS12', cipherSuites: CIPHERS };
  const certs = `${settings.RENDER_TRAEFIK_DIR}/certs`;
  return {
    options: {
      default: {
        ...common,
        sniStrict: true,
        clientAuth: { caFiles: authorities, clientAuthType: 'RequireAndVerifyClientCert' },
      },
      public: { ...common, sniStrict: true },
      // Between containers, by Traefik's own certificate.
      internal: { ...common, sniStrict: false },
    },
    ...(settings.TLS_MODE === 'files'
      ? { certificates: [{ certFile: `${certs}/server.crt`, keyFile: `${certs}/server.key` }] }
      : {}),
  };
}
