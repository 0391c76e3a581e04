import { execFile, execFileSync } from 'node:child_process';
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
import { type Certificates, issueCertificates, listedFor, wrongCertificates } from './certificates.ts';
import { composeChanges } from './compose-changes.ts';

export const ISSUER = 'http://identity.test:9000';
export const CLI_REDIRECT = 'http://127.0.0.1:1/callback';
export const RUNBOOKS = 'https://runbooks.edge.test';
/** Seconds: shorter than any session of the test. */
export const ID_TOKEN_LIFE = 15;
export const SESSION_REFRESH = 8;
/** So that many cases in a minute do not meet the limits that are for people; these have a check of their own. */
const RATE_FACTOR = 3;
const BENCH_RATE_FACTOR = 1_000;

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
  readonly nodeImage: string;
  /** Whether oauth2-proxy is the real one. */
  readonly realProxy: boolean;
  agent(container: 'intruder' | 'observer'): AgentProcess;
  /** Asks from a network namespace of this machine. */
  agentIn(space: string): AgentProcess;
  /** A new certificate and key of the server, as an operator makes them. */
  renewServerCertificate(): void;
  remove(): void;
}

export async function edgeStand(
  root: string,
  { signal, bench }: { readonly signal: AbortSignal; readonly bench: boolean },
): Promise<EdgeStand> {
  const folder = mkdtempSync(join(tmpdir(), 'edge-test-'));
  const inFolder = (name: string): string => join(folder, name);
  const [configDir, secretsDir] = [inFolder('config'), inFolder('secrets')];
  const name = `fleet-edge-${randomBytes(3).toString('hex')}`;
  const domain = 'edge.test';
  const [http = 0, https = 0, admin = 0, identity = 0, control = 0] = await freePorts(5);
  const providerKey = await signingKey('provider');
  const oauth2ProxyBinary = process.env['OAUTH2_PROXY_BIN'] || undefined;
  cpSync(join(root, 'config'), configDir, { recursive: true });
  const { certificates, renewServerCertificate } = makeCertificates(root, { folder, configDir, domain });
  writeProvider(inFolder('provider.json'), providerKey, `https://app.${domain}:${https}`);
  givenSecrets(secretsDir);
  const changes = { folder, nodeImage: NODE_IMAGE, identityPort: identity, controlPort: control };
  const extraFile = inFolder('compose.edge.yml');
  writeFileSync(extraFile, stringify(composeChanges({ ...changes, oauth2ProxyBinary })));
  // Outside of the ranges that the engine gives networks by itself.
  const subnet = `10.${randomInt(200, 250)}.${randomInt(1, 250)}`;
  const env = {
    ...{ DOMAIN: domain, TLS_MODE: 'files', TRADING_MODE: 'paper', SIM_SPEED: '120x' },
    ...{ HTTP_PORT: `${http}`, HTTPS_PORT: `${https}`, ADMIN_PORT: `${admin}` },
    PUBLIC_PORT_SUFFIX: `:${https}`,
    ...{ OIDC_ISSUER: ISSUER, OIDC_JWKS_URI: `${ISSUER}/jwks`, OIDC_AUDIENCES: 'fleet-edge,fleet-cli' },
    ...{
      OIDC_SESSION_REFRESH: `${SESSION_REFRESH}s`,
      EDGE_RATE_FACTOR: `${bench ? BENCH_RATE_FACTOR : RATE_FACTOR}`,
    },
    ...{ EDGE_SUBNET: `${subnet}.0/28`, EDGE_TRAEFIK_ADDRESS: `${subnet}.2` },
    EGRESS_BRIDGE: `fe${randomBytes(4).toString('hex')}`,
    ...{ SECRETS_DIR: secretsDir, CONFIG_DIR: configDir, SLACK_BOT_TOKEN_FILE: '' },
    RUNBOOK_BASE_URL: RUNBOOKS,
    SLACK_SIGNING_SECRET_FILE: '/run/secrets/slack_signing_secret',
  };
  const files = ['docker-compose.yml', extraFile];
  const project = new ComposeProject({ name, root, signal, files, env });
  return {
    ...{ project, folder, secretsDir, configDir, domain, certificates, providerKey },
    ports: { http, https, admin, identity, control },
    slackSecret: SLACK_SECRET,
    nodeImage: NODE_IMAGE,
    realProxy: oauth2ProxyBinary !== undefined,
    agent: (container) => {
      const all = files.flatMap((file) => ['--file', file]);
      const compose = ['compose', '--env-file', '/dev/null', '--project-name', name, ...all];
      const args = [...compose, 'exec', '-T', container, 'node', '/edge/agent.mjs'];
      return new AgentProcess('docker', args, { ...process.env, ...env, COMPOSE_FILE: undefined }, root);
    },
    agentIn: (space) => {
      const program = join(folder, 'bundles/agent.mjs');
      return new AgentProcess('ip', ['netns', 'exec', space, process.execPath, program], process.env, root);
    },
    renewServerCertificate,
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
    streamer: 'streamer/main.ts',
    'stand-in': 'stand-in/main.ts',
    grafana: 'grafana/main.ts',
  };
  for (const [name, path] of Object.entries(programs))
    await bundleTo(join(root, 'scripts/edge', path), join(folder, `bundles/${name}.mjs`));
}

interface Folders {
  readonly folder: string;
  readonly configDir: string;
  readonly domain: string;
}

/** With scripts/pki as an operator uses it, in folders of the test; and what it would not make. */
function makeCertificates(
  root: string,
  { folder, configDir, domain }: Folders,
): { certificates: Certificates; renewServerCertificate: () => void } {
  const [keys, traefik] = [join(folder, 'pki'), join(folder, 'traefik')];
  const env = {
    ...process.env,
    PKI_DIR: keys,
    CONFIG_DIR: configDir,
    CERTIFICATES_DIR: traefik,
    DOMAIN: domain,
  };
  const pki = (...args: string[]): void => {
    execFileSync(join(root, 'scripts/pki'), args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const server = (...args: string[]): void => {
    pki('server', ...args);
    // Traefik's user must read it also where this user may not give it away; the folder above is this user's alone.
    chmodSync(join(traefik, 'certs/server.key'), 0o644);
  };
  pki('init');
  server();
  const wrong = wrongCertificates(keys, domain);
  writePeople(configDir, wrong);
  const certificates = issueCertificates(pki, keys, wrong);
  return { certificates, renewServerCertificate: () => server('--renew') };
}

function writePeople(configDir: string, wrong: Certificates): void {
  const people = Object.entries(PEOPLE) as [Person, (typeof PEOPLE)[Person]][];
  const operators = people
    .filter(([, { role }]) => role !== 'none')
    .map(([person, { email, role }]) => ({ identity: email, role, certificates: listedFor(person, wrong) }));
  writeFileSync(
    join(configDir, 'operators.yaml'),
    stringify({ operators }, { flowCollectionPadding: false }),
  );
  const notifications = join(configDir, 'notifications.yaml');
  const before = parse(readFileSync(notifications, 'utf8')) as object;
  const slack = { people: { U0EDGETEST: PEOPLE.anna.email } };
  writeFileSync(notifications, stringify({ ...before, slack }));
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
