// The ID token of the person at the terminal: given, kept from `login`, or refreshed. Never printed.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Refused, UsageError } from './refusal.js';
import { send } from './transport.js';

/** A token this near its end is refreshed first: the services allow clocks a few seconds. */
const SPARE_SECONDS = 20;
const PROVIDER_MS_MAX = 10_000;
const WITHOUT_PROVIDER =
  'To stop the fleet without it: docker compose exec orchestrator node ops_cli.js orch:halt --break-glass --reason TEXT';

export function sessionFile(env) {
  return (
    env.FLEET_SESSION_FILE || join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'fleet/session.json')
  );
}

/** @returns {Promise<string>} an ID token that has not ended */
export async function idToken(env, tls) {
  const given = givenToken(env);
  if (given !== undefined) return given;
  const session = readSession(env);
  if (session === undefined) throw new Refused('you are not signed in. Run: node scripts/ops_cli.js login');
  if (secondsLeft(session.idToken) > SPARE_SECONDS) return session.idToken;
  if (!session.refreshToken) throw new Refused('your sign-in has ended. Run: node scripts/ops_cli.js login');
  return refreshed(env, session, tls);
}

function givenToken(env) {
  if (env.FLEET_ID_TOKEN) return env.FLEET_ID_TOKEN.trim();
  if (!env.FLEET_ID_TOKEN_FILE) return undefined;
  try {
    return readFileSync(env.FLEET_ID_TOKEN_FILE, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`the ID token's file ${env.FLEET_ID_TOKEN_FILE} cannot be read (${error.code})`);
  }
}

async function refreshed(env, session, tls) {
  const { refreshToken, clientId, tokenEndpoint } = session;
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId };
  const answer = await askProvider(tokenEndpoint, form, tls);
  if (answer.status >= 500)
    throw new Refused(`the identity provider answered ${answer.status}.\n  ${WITHOUT_PROVIDER}`);
  const tokens = tokensOf(answer);
  if (tokens === undefined) {
    throw new Refused('your sign-in has ended. Run: node scripts/ops_cli.js login');
  }
  keepSession(env, {
    ...session,
    idToken: tokens.id_token,
    refreshToken: tokens.refresh_token ?? refreshToken,
  });
  return tokens.id_token;
}

/** A POST of a form. @throws {Refused} when the provider cannot be reached, with the way to halt without it */
export async function askProvider(url, form, tls) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  const body = new URLSearchParams(form).toString();
  try {
    return await send(new URL(url), { method: 'POST', headers, body, tls, timeoutMs: PROVIDER_MS_MAX });
  } catch (error) {
    throw new Refused(
      `the identity provider at ${new URL(url).origin} cannot be reached: ${error.message}\n  ${WITHOUT_PROVIDER}`,
    );
  }
}

/** The tokens of an answer of the token endpoint; undefined when it gave none. */
export function tokensOf({ status, text }) {
  if (status !== 200) return undefined;
  try {
    const tokens = JSON.parse(text);
    return typeof tokens.id_token === 'string' ? tokens : undefined;
  } catch {
    return undefined;
  }
}

/** The claims, unchecked: the services check them. Only the time and the nonce are of use here. */
export function claimsOf(token) {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
  } catch {
    throw new Refused('the ID token is no JWT. Run: node scripts/ops_cli.js login');
  }
}

function secondsLeft(token) {
  return Number(claimsOf(token).exp ?? 0) - Date.now() / 1000;
}

function readSession(env) {
  const file = sessionFile(env);
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw new Refused(`${file} cannot be read (${error.code})`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(`${file} is damaged. Run: node scripts/ops_cli.js login`);
  }
}

/** Whole or not at all, and for this user alone. */
export function keepSession(env, session) {
  const file = sessionFile(env);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}.next`;
  writeFileSync(next, `${JSON.stringify(session)}\n`, { mode: 0o600 });
  renameSync(next, file);
  return file;
}

export function dropSession(env) {
  const file = sessionFile(env);
  rmSync(file, { force: true });
  return { removed: file };
}
