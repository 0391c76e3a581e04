import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { parse, stringify } from 'yaml';
import type { Checklist } from '../../compose/checklist.ts';
import { until } from '../../compose/until.ts';
import { PEOPLE, type Person } from '../provider/people.ts';
import { signingKey } from '../provider/signing-keys.ts';
import { ISSUER } from '../stand/edge-stand.ts';
import { call, told } from './client.ts';
import type { Running } from './run-cases.ts';

const ROLES_PATH = '/api/user/orgs';
const BEGUN_MS_MAX = 60_000;
/** Of this list the first is the browsers' sign-in. */
const AUDIENCE = 'fleet-edge';

interface Operators {
  readonly operators: readonly { readonly identity: string; role: string }[];
}

/**
 * What Grafana makes of the tokens, by the configuration that is rendered for it and the keys on Traefik's internal TLS
 * entry point.
 */
export async function checkGrafana(list: Checklist, running: Running): Promise<void> {
  await list.check('Grafana gives each person their role, by the token that the edge hands on', () =>
    everybodysRole(running),
  );
  await list.check('Grafana refuses every token but the right one, brought straight to it', () =>
    straight(running),
  );
  await list.check('a role that changed counts in Grafana after render and its restart', () =>
    changedRole(running),
  );
}

async function everybodysRole(running: Running): Promise<string> {
  const wanted = { vera: 'Viewer', olaf: 'Editor', anna: 'Admin' } as const;
  for (const [person, role] of Object.entries(wanted) as [keyof typeof wanted, string][])
    expectRole(person, await roleOf(running, person), role);
  return Object.entries(wanted)
    .map((pair) => pair.join(': '))
    .join(', ');
}

/** From a container beside it, so nothing of the edge stands between. */
async function straight(running: Running): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const right = { iss: ISSUER, aud: AUDIENCE, sub: 'vera', email: PEOPLE.vera.email, exp: now + 60 };
  const own = running.stand.providerKey;
  const signed = async (claims: JWTPayload, key = own): Promise<string> =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'provider' })
      .sign(await importJWK(key, 'RS256'));
  const ask = async (token?: string): Promise<string> => {
    const headers = token === undefined ? [] : [['Authorization', `Bearer ${token}`] as const];
    const question = { target: 'http://grafana:3000', method: 'GET', path: ROLES_PATH, headers };
    const { status, error } = await running.observer.ask(question);
    return String(status ?? error);
  };
  const wrong: Readonly<Record<string, string | undefined>> = {
    none: undefined,
    ended: await signed({ ...right, exp: now - 120 }),
    'not begun': await signed({ ...right, nbf: now + 3_600, exp: now + 7_200 }),
    issuer: await signed({ ...right, iss: 'http://elsewhere.test:9000' }),
    audience: await signed({ ...right, aud: 'fleet-cli' }),
    'another key of the name': await signed(right, await signingKey('provider')),
    unsigned: new UnsecuredJWT(right).encode(),
    'nobody’s': await signed({ ...right, email: undefined }),
    'not on the list': await signed({ ...right, email: PEOPLE.stranger.email }),
  };
  const passed = await ask(await signed(right));
  if (passed !== '200') throw new Error(`the right one: ${passed}`);
  for (const [name, token] of Object.entries(wrong)) {
    const answer = await ask(token);
    if (answer !== '401' && answer !== '403') throw new Error(`${name}: ${answer}`);
  }
  const written = await ask(await signed({ ...right, email: PEOPLE.vera.email.toUpperCase() }));
  if (written !== '200') throw new Error(`the right one, in capitals: ${written}`);
  return Object.keys(wrong).join(', ');
}

async function changedRole(running: Running): Promise<string> {
  const file = join(running.stand.configDir, 'operators.yaml');
  const before = readFileSync(file, 'utf8');
  try {
    const people = parse(before) as Operators;
    for (const one of people.operators) if (one.identity === PEOPLE.vera.email) one.role = 'operator';
    writeFileSync(file, stringify(people, { flowCollectionPadding: false }));
    await takeOver(running, 'Editor');
  } finally {
    writeFileSync(file, before);
    await takeOver(running, 'Viewer');
  }
  return 'vera: Viewer, Editor, Viewer';
}

/** As the runbook says it. */
async function takeOver(running: Running, role: string): Promise<void> {
  const { project } = running.stand;
  await project.compose('run', '--rm', '-T', 'render');
  await project.compose('restart', '--timeout', '5', 'grafana');
  await until(BEGUN_MS_MAX, running.signal, async () => {
    const found = await roleOf(running, 'vera');
    return found === role ? null : `vera is ${found} instead of ${role}`;
  });
}

/** The role, or the status that came instead. */
async function roleOf({ stand, people }: Running, person: Person): Promise<string> {
  const headers = [`Cookie: ${await people.cookie(person)}`];
  const answer = await call(stand, { host: 'grafana', path: ROLES_PATH, headers });
  if (answer.kind !== 'answer' || answer.status !== 200) return String(told(answer));
  const [first] = JSON.parse(answer.body) as { role?: string }[];
  return String(first?.role);
}

function expectRole(person: Person, found: string, wanted: string): void {
  if (found !== wanted) throw new Error(`${person} is ${found} instead of ${wanted}`);
}
