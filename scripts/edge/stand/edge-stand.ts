import { execFile } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import { parse, stringify } from 'yaml';
import { ComposeProject } from '../../compose/compose-project.ts';
import { freePorts } from '../../fleet/ports.ts';
import { AgentProcess } from '../agent/agent-process.ts';
import { PEOPLE, type Person } from '../provider/people.ts';
import { signingKey } from '../provider/signing-keys.ts';
import { bundleTo } from './bundles.ts';
import { type Certificates, fingerprint, makeCertificates } from './certificates.ts';
import { composeChanges } from './compose-changes.ts';

export const ISSUER = 'http://identity.test:9000';
export const CLI_REDIRECT = 'http://127.0.0.1:1/callback';
/** Seconds: shorter than any session of the test. */
export const ID_TOKEN_LIFE = 15;
export const SESSION_REFRESH = 8;
/** So that many cases in a minute do not meet the limit that is for people; it has a case of its own. */
export const RATE_FACTOR = 20;

const CLIENT_SECRET = randomBytes(24).toString('hex');
const SLACK_SECRET = randomBytes(16).toString('hex');
const NODE_IMAGE = 'node:24-bookworm-slim';

/** The production stack with people, certificates, ports, networks and secrets of its own. */
export interface EdgeStand {
  readonly project: ComposeProject;
  readonly folder: string;
  readonly secretsDir: string;
  readonly configDir: string;
  readonly domain: string;
  readonly ports: Readonly<Record<'http' | 'https' | 'admin' | 'identity' | 'control', number>>;
  readonly certificates: Certificates;
  /** The provider's private signing key, for tokens that it would never issue. */
  readonly providerKey: JWK;
  readonly slackSecret: string;
  /** Whether oauth2-proxy is the real one. */
  readonly realProxy: boolean;
  agent(container: 'intruder' | 'observer'): AgentProcess;
  remove(): void;
}

export async function edgeStand(root: string, signal: AbortSignal): Promise<EdgeStand> {
  const folder = mkdtempSync(join(tmpdir(), 'edge-test-'));
  const inFolder = (name: string): string => join(folder, name);
  const [configDir, secretsDir] = [inFolder('config'), inFolder('secrets')];
  const name = `fleet-edge-${randomBytes(3).toString('hex')}`;
  const domain = 'edge.test';
  const [http = 0, https = 0, admin = 0, identity = 0, control = 0] = await freePorts(5);
  const certificates = makeCertificates(inFolder('pki'), domain);
  const providerKey = await signingKey('provider');
  const oauth2ProxyBinary = process.env['OAUTH2_PROXY_BIN'] || undefined;
  cpSync(join(root, 'config'), configDir, { recursive: true });
  writePeople(configDir, certificates);
  writeTraefikFolder(root, inFolder('traefik'), certificates);
  writeProvider(inFolder('provider.json'), providerKey, `https://app.${domain}:${https}`);
  givenSecrets(secretsDir);
  const changes = { folder, nodeImage: NODE_IMAGE, identityPort: identity, controlPort: control };
  const extraFile = inFolder('compose.edge.yml');
  writeFileSync(extraFile, stringify(composeChanges({ ...changes, oauth2ProxyBinary })));
  const subnet = `172.30.${randomInt(1, 250)}`;
  const env = {
    ...{ DOMAIN: domain, TLS_MODE: 'files', TRADING_MODE: 'paper', SIM_SPEED: '120x' },
    ...{ HTTP_PORT: `${http}`, HTTPS_PORT: `${https}`, ADMIN_PORT: `${admin}` },
    PUBLIC_PORT_SUFFIX: `:${https}`,
    ...{ OIDC_ISSUER: ISSUER, OIDC_JWKS_URI: `${ISSUER}/jwks`, OIDC_AUDIENCES: 'fleet-edge,fleet-cli' },
    ...{ OIDC_SESSION_REFRESH: `${SESSION_REFRESH}s`, EDGE_RATE_FACTOR: `${RATE_FACTOR}` },
    ...{ EDGE_SUBNET: `${subnet}.0/28`, EDGE_TRAEFIK_ADDRESS: `${subnet}.2` },
    EGRESS_BRIDGE: `fe${randomBytes(4).toString('hex')}`,
    ...{ SECRETS_DIR: secretsDir, CONFIG_DIR: configDir, SLACK_BOT_TOKEN_FILE: '' },
    SLACK_SIGNING_SECRET_FILE: '/run/secrets/slack_signing_secret',
  };
  const files = ['docker-compose.yml', extraFile];
  const project = new ComposeProject({ name, root, signal, files, env });
  return {
    ...{ project, folder, secretsDir, configDir, domain, certificates, providerKey },
    ports: { http, https, admin, identity, control },
    slackSecret: SLACK_SECRET,
    realProxy: oauth2ProxyBinary !== undefined,
    agent: (container) => {
      const all = files.flatMap((file) => ['--file', file]);
      const compose = ['compose', '--env-file', '/dev/null', '--project-name', name, ...all];
      const args = [...compose, 'exec', '-T', container, 'node', '/edge/agent.mjs'];
      return new AgentProcess(args, { ...process.env, ...env, COMPOSE_FILE: undefined }, root);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Secrets, bundles: what takes a moment and may fail. */
export async function prepare(root: string, { folder, secretsDir }: EdgeStand): Promise<void> {
  await promisify(execFile)(join(root, 'scripts/init-secrets'), ['--dir', secretsDir]);
  const programs = {
    provider: 'provider/main.ts',
    double: 'double/main.ts',
    agent: 'agent/main.ts',
    'stand-in': 'stand/stand-in.ts',
  };
  for (const [name, path] of Object.entries(programs))
    await bundleTo(join(root, 'scripts/edge', path), join(folder, `bundles/${name}.mjs`));
}

function writePeople(configDir: string, { clients }: Certificates): void {
  const of = (...names: readonly string[]): string[] =>
    [...clients].filter(([name]) => names.includes(name)).map(([, pair]) => fingerprint(pair));
  // Anna also has the certificates that are wrong in another way than by their owner.
  const more: Partial<Record<Person, readonly string[]>> = {
    anna: ['revoked', 'expired', 'not-yet-valid', 'server-only'],
  };
  const operators = Object.entries(PEOPLE)
    .filter(([, { role }]) => role !== 'none')
    .map(([person, { email, role }]) => ({
      ...{ identity: email, role },
      certificates: of(person, ...(more[person as Person] ?? [])),
    }));
  writeFileSync(join(configDir, 'operators.yaml'), stringify({ operators }));
  const notifications = join(configDir, 'notifications.yaml');
  const before = parse(readFileSync(notifications, 'utf8')) as object;
  const slack = { people: { U0EDGETEST: PEOPLE.anna.email } };
  writeFileSync(notifications, stringify({ ...before, slack }));
  writeFileSync(join(configDir, 'revoked-certificates.txt'), `# of the test\n${of('revoked').join('\n')}\n`);
}

/** As Traefik and the renderer look for it: authority, server certificate, static configuration. */
function writeTraefikFolder(root: string, folder: string, { authority, server }: Certificates): void {
  cpSync(join(root, 'traefik'), folder, { recursive: true });
  for (const name of ['ca', 'certs']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'ca/clients.pem'), authority);
  writeFileSync(join(folder, 'certs/server.crt'), server.cert);
  writeFileSync(join(folder, 'certs/server.key'), server.key);
  // The folder above is this user's alone; Traefik's user must read what is mounted.
  chmodSync(join(folder, 'certs/server.key'), 0o644);
}

function writeProvider(file: string, key: JWK, appOrigin: string): void {
  const grant_types = ['authorization_code', 'refresh_token'];
  const program = {
    ...{ token_endpoint_auth_method: 'none', application_type: 'native', grant_types },
    redirect_uris: [CLI_REDIRECT],
  };
  const clients = [
    {
      ...{ client_id: 'fleet-edge', client_secret: CLIENT_SECRET, grant_types },
      redirect_uris: [`${appOrigin}/oauth2/callback`],
    },
    { client_id: 'fleet-cli', ...program },
    { client_id: 'another-application', ...program },
  ];
  writeFileSync(file, JSON.stringify({ keys: { keys: [key] }, clients, idTokenLife: ID_TOKEN_LIFE }));
}

/** What people would put there; the rest is made. */
function givenSecrets(dir: string): void {
  mkdirSync(dir, { mode: 0o755 });
  const given = {
    oauth2_client_id: 'fleet-edge',
    oauth2_client_secret: CLIENT_SECRET,
    slack_signing_secret: SLACK_SECRET,
  };
  for (const [name, text] of Object.entries(given)) writeFileSync(join(dir, name), `${text}\n`);
}

/** A secret as it stands in the root of the folder. */
export function secretOf({ secretsDir }: EdgeStand, name: string): string {
  return readFileSync(join(secretsDir, name), 'utf8').trim();
}
