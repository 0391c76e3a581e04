import { setTimeout as sleep } from 'node:timers/promises';
import type { Checklist } from '../../compose/checklist.ts';
import type { Browser } from '../client/browser.ts';
import { fingerprint } from '../stand/certificates.ts';
import { ID_TOKEN_LIFE, secretOf } from '../stand/edge-stand.ts';
import { call, expectTold } from './client.ts';
import { provider } from './provider-control.ts';
import type { Running } from './run-cases.ts';

const STATUS = '/api/orchestrator/status';
const PARALLEL = 8;
/** After this a token has ended for everybody, also for a clock that is a little behind. */
const TOKEN_ENDED_MS = (ID_TOKEN_LIFE + 7) * 1_000;

/** Sessions over the life of tokens: 15 s, with refresh tokens that are good once. */
export async function checkSignIn(list: Checklist, running: Running): Promise<void> {
  const { stand, people, signal } = running;
  const ask = (browser: Browser, path = STATUS) =>
    call(stand, { host: 'app', path, headers: [`Cookie: ${people.sessionOf(browser)}`] });

  await list.check('somebody who is not on the list cannot sign in', () => stranger(running));
  await list.check('a page of the admin host leads to the sign-in and back to it', () =>
    backToAdmin(running),
  );
  await list.check('what stands behind the edge gets the token and no cookie', () => handedOn(running));
  await list.check('each call on an admin route is an audit event', () => audited(running));
  const long = await people.signIn('vera');
  expectTold('a fresh session', await ask(long), 200);
  await provider(stand, { refreshTokens: false });
  const short = await people.signIn('olaf');
  await provider(stand, { refreshTokens: true });
  expectTold('a session without refresh tokens', await ask(short), 200);
  await sleep(TOKEN_ENDED_MS, undefined, { signal });
  await list.check('a session outlives its first token, and parallel requests renew it once', async () => {
    const before = await provider(stand);
    const answers = await Promise.all(Array.from({ length: PARALLEL }, () => ask(long)));
    for (const answer of answers) expectTold('of parallel requests', answer, 200);
    const after = await provider(stand);
    const made = { refreshes: after.refreshes - before.refreshes, refused: after.refusedRefreshes };
    if (made.refreshes !== 1 || made.refused !== before.refusedRefreshes)
      throw new Error(`${PARALLEL} parallel requests made ${JSON.stringify(made)}`);
    return `${PARALLEL} requests, 1 refresh`;
  });
  await list.check('without refresh tokens it leads to the sign-in, not to a loop', async () => {
    expectTold('a program', await ask(short), 401);
    const page = await short.visit(new URL(`https://grafana.${stand.domain}:${stand.ports.https}/`));
    expectTold('a page', page.answer, 302);
    const target = page.answer.headers.get('location')?.[0] ?? '';
    if (!target.startsWith(`https://app.${stand.domain}:${stand.ports.https}/oauth2/start`))
      throw new Error(`it leads to ${target}`);
    const { url, answer } = await short.signIn(new URL(target), 'olaf');
    expectTold(`after the sign-in at ${url.href}`, answer, 200);
    if (url.hostname !== `grafana.${stand.domain}`) throw new Error(`it ended at ${url.href}`);
    expectTold('the new session', await ask(short), 200);
  });
}

async function stranger({ people, stand }: Running): Promise<void> {
  const browser = people.browser('stranger');
  const start = new URL(`https://app.${stand.domain}:${stand.ports.https}/oauth2/start?rd=%2F`);
  const { answer } = await browser.signIn(start, 'stranger');
  expectTold('the callback', answer, 403);
  if (people.sessionOf(browser) !== '') throw new Error('there is a session');
}

/** In the service's log: who, with which certificate, from where, and what became of it. */
async function audited({ people, stand }: Running): Promise<string> {
  const ask = async (person: 'anna' | 'arno', id: string): Promise<void> => {
    await call(stand, {
      ...{ host: 'admin', path: '/api/orchestrator/admin/streams/pending', certificate: 'anna' },
      headers: [
        `Cookie: ${await people.cookie(person)}`,
        `X-Admin-Token: ${secretOf(stand, 'admin_token')}`,
        `X-Request-Id: ${id}`,
      ],
    });
  };
  const unique = Date.now().toString(36);
  await ask('anna', `edge-granted-${unique}`);
  await ask('arno', `edge-refused-${unique}`);
  const { stdout } = await stand.project.compose('logs', '--no-color', '--no-log-prefix', 'orchestrator');
  const found = (id: string, ...words: readonly string[]): void => {
    const line = stdout.split('\n').find((text) => text.includes(id) && text.includes('"audit"')) ?? '';
    const missing = words.filter((word) => !line.includes(word));
    if (missing.length > 0) throw new Error(`${id}: ${missing.join(', ')} is missing in "${line}"`);
  };
  const print = fingerprint(stand.certificates.clients.get('anna') ?? { cert: '', key: '' });
  found(`edge-granted-${unique}`, '"outcome":"granted"', 'anna@', print, '"address"');
  found(`edge-refused-${unique}`, '"outcome":"refused"', 'CERTIFICATE_OF_ANOTHER_PERSON', 'arno@', print);
  return 'identity, fingerprint, address, request id, outcome';
}

async function backToAdmin({ people, stand }: Running): Promise<string> {
  const browser = people.browser('anna');
  const page = `https://admin.${stand.domain}:${stand.ports.admin}/prometheus/-/healthy`;
  const { url, answer } = await browser.signIn(new URL(page), 'anna');
  expectTold(`at ${url.href}`, answer, 200);
  if (url.href !== page) throw new Error(`it ended at ${url.href}`);
  return url.host;
}

async function handedOn({ people, stand }: Running): Promise<string> {
  const answer = await call(stand, {
    ...{ host: 'grafana', path: '/' },
    headers: [
      `Cookie: ${await people.cookie('vera')}; other=1`,
      `X-Admin-Token: ${secretOf(stand, 'admin_token')}`,
      'X-Edge-Secret: guessed',
    ],
  });
  expectTold('Grafana', answer, 200);
  const body = answer.kind === 'answer' ? answer.body : '{}';
  const { headers } = JSON.parse(body) as { headers: string[] };
  const never = ['cookie', 'x-admin-token', 'x-edge-secret', 'x-edge-admin-secret'];
  const wrong = never.filter((name) => headers.includes(name));
  if (wrong.length > 0 || !headers.includes('authorization')) throw new Error(`it got ${headers.join(', ')}`);
  return headers.filter((name) => /^auth|^x-auth/.test(name)).join(', ');
}
