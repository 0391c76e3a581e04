// Where the services are, and what proves who asks.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Refused, UsageError } from './refusal.js';

/** Name in the demo's state file, environment variable, port on the loopback. */
export const SERVICES = {
  orchestrator: { env: 'ORCHESTRATOR_URL', port: 7001 },
  'portfolio-manager': { env: 'PORTFOLIO_MANAGER_URL', port: 7002 },
  'market-analyst': { env: 'MARKET_ANALYST_URL', port: 7003 },
  'risk-manager': { env: 'RISK_MANAGER_URL', port: 7004 },
  'trade-executor': { env: 'TRADE_EXECUTOR_URL', port: 7005 },
  'notification-manager': { env: 'NOTIFICATION_MANAGER_URL', port: 7006 },
  'parameter-optimizer': { env: 'PARAMETER_OPTIMIZER_URL', port: 7007 },
  'mcp-hub-controller': { env: 'MCP_HUB_CONTROLLER_URL', port: 7008 },
};

export function readSetting(env, { base, edge = env.FLEET_EDGE_URL, cert, key, ca }) {
  if (base !== undefined && edge !== undefined) throw new UsageError('give --base or --edge, not both');
  const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
  const stateFile = env.FLEET_STATE_FILE || join(checkout, '.local/demo/state.json');
  const files = { cert: cert ?? env.FLEET_CERT, key: key ?? env.FLEET_KEY, ca: ca ?? env.FLEET_CA };
  return {
    env,
    base: base === undefined ? undefined : checkedUrl(base, '--base'),
    edge: edge === undefined ? undefined : checkedEdge(edge),
    // A certificate is of use at the edge alone.
    tls: edge === undefined ? {} : readTls(files),
    state: readState(stateFile),
  };
}

/** Tokens go there: never in the clear. */
function checkedEdge(text) {
  if (URL.canParse(text) && new URL(text).protocol === 'https:') return new URL(text).origin;
  throw new UsageError(`--edge: "${text}" is not an address that begins with https://`);
}

function readTls(files) {
  if ((files.cert === undefined) !== (files.key === undefined)) {
    throw new UsageError('give --cert and --key together (or FLEET_CERT and FLEET_KEY)');
  }
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, file]) => (file ? [[name, fileContent(file, `--${name}`)]] : [])),
  );
}

function fileContent(file, option) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${option}: ${file} cannot be read (${error.code})`);
  }
}

function readState(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return { folder: dirname(file), services: {} }; // no demo here: environment and default ports remain
  }
  try {
    return { services: {}, ...JSON.parse(text), folder: dirname(file) };
  } catch {
    throw new Refused(`${file} is not JSON. Remove it, or start the demo again, which writes it anew.`);
  }
}

export function addressOf(service, { env, base, state }) {
  const { env: variable, port } = SERVICES[service];
  if (base !== undefined) return base;
  if (env[variable]) return checkedUrl(env[variable], variable);
  return state.services[service]?.url ?? `http://127.0.0.1:${port}`;
}

function checkedUrl(text, name) {
  const usable = URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
  if (!usable) throw new UsageError(`${name}: "${text}" is not a URL that begins with http:// or https://`);
  return text;
}

export function adminToken(env, state) {
  if (env.ADMIN_TOKEN) return env.ADMIN_TOKEN.trim();
  const file = env.ADMIN_TOKEN_FILE || (state.adminTokenFile && resolve(state.folder, state.adminTokenFile));
  if (!file) {
    throw new UsageError(
      'this command needs the admin token: set ADMIN_TOKEN_FILE (or ADMIN_TOKEN), or run the demo',
    );
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`the admin token's file ${file} cannot be read (${error.code})`);
  }
}

/** The client certificate is for the edge; the provider has nothing to do with it. */
export function providerTls({ tls }) {
  return tls.ca === undefined ? {} : { ca: tls.ca };
}
