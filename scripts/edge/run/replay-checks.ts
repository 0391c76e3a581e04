import { createHmac, randomBytes } from 'node:crypto';
import type { Checklist } from '../../compose/checklist.ts';
import type { Browser } from '../client/browser.ts';
import { type RawAnswer, rawRequest } from '../client/raw-request.ts';
import { expectTold } from './client.ts';
import { evidence } from './evidence.ts';
import type { Running } from './run-cases.ts';

const HOPS_MAX = 8;

/** The very same bytes again, which no table row can say. */
export async function checkReplays(list: Checklist, running: Running): Promise<void> {
  await list.check('replay.callback: the way back from the provider opens one session, for one browser', () =>
    callbackAgain(running),
  );
  await list.check('replay.slack: a signed request counts once', () => slackAgain(running));
}

/** Another browser first: for want of its cookie, not because the code is used up already. */
async function callbackAgain(running: Running): Promise<string> {
  const { people, observer } = running;
  const own = people.browser('vera');
  const callback = await callbackOf(running, own);
  const before = await evidence(observer);
  const thief = people.browser();
  expectTold('another browser', (await thief.visit(callback)).answer, 403);
  if (people.sessionOf(thief) !== '') throw new Error('another browser has a session');
  const twin = (await own.visit(callback)).answer;
  expectTold('the browser that signs in', twin, 302);
  if (people.sessionOf(own) === '') throw new Error('the browser that signs in has no session');
  expectTold('the same once more', (await own.visit(callback)).answer, 403);
  const { services } = await evidence(observer);
  if (services !== before.services) throw new Error('a service has seen a request');
  return '403 for another browser, 302 for its own, then 403';
}

/** Where the provider sends the browser to, before it goes there. */
async function callbackOf({ stand }: Running, browser: Browser): Promise<URL> {
  const start = new URL(`https://app.${stand.domain}:${stand.ports.https}/oauth2/start?rd=%2F`);
  const form = await browser.follow(start);
  let visit = await browser.visit(form.url, { form: 'person=vera' });
  for (let hop = 0; hop < HOPS_MAX; hop += 1) {
    const location = visit.answer.headers.get('location')?.[0];
    if (location === undefined) break;
    const next = new URL(location, visit.url);
    if (next.pathname === '/oauth2/callback') return next;
    visit = await browser.visit(next);
  }
  throw new Error(`${visit.url.href} leads to no callback: ${visit.answer.status}`);
}

async function slackAgain({ stand }: Running): Promise<string> {
  const press = {
    type: 'block_actions',
    user: { id: 'U0EDGETEST' },
    actions: [{ action_id: 'fleet_ack', value: randomBytes(6).toString('hex') }],
  };
  const body = `payload=${encodeURIComponent(JSON.stringify(press))}`;
  const time = Math.floor(Date.now() / 1_000);
  const signature = createHmac('sha256', stand.slackSecret).update(`v0:${time}:${body}`).digest('hex');
  const host = `app.${stand.domain}`;
  const head = [
    ...['POST /slack/interactions HTTP/1.1', `Host: ${host}:${stand.ports.https}`, 'Connection: close'],
    ...['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${Buffer.byteLength(body)}`],
    ...[`X-Slack-Request-Timestamp: ${time}`, `X-Slack-Signature: v0=${signature}`],
  ];
  const send = (): Promise<RawAnswer> =>
    rawRequest({
      port: stand.ports.https,
      tls: { servername: host, rejectUnauthorized: false },
      parts: [`${head.join('\r\n')}\r\n\r\n${body}`],
    });
  expectTold('the first time', await send(), 200);
  const again = await send();
  expectTold('the second time', again, 409);
  return again.kind === 'answer' ? (/"code":"(\w+)"/.exec(again.body)?.[1] ?? '') : '';
}
