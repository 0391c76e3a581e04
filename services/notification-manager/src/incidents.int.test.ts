import { createHash, randomUUID } from 'node:crypto';
import { type RunningService, serviceScene, until } from '@fleet/testkit/services';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { fakeAlertmanager } from '../test/fake-alertmanager.ts';
import { fakeSlack, type Posted } from '../test/fake-slack.ts';
import { ALERTS_TOKEN, PROGRAM } from '../test/program.ts';
import { type AlertSketch, webhook } from '../test/webhook.ts';
import { signatureOf } from './interactions/signature.ts';

const scene = await serviceScene(PROGRAM);
const { database } = scene;
const slack = await fakeSlack();
const alertmanager = await fakeAlertmanager();
const SIGNING_SECRET = 'signing-secret-of-the-test';
const bearer = { authorization: `Bearer ${ALERTS_TOKEN}` };

afterEach(() => slack.always('accept'));
afterAll(() => Promise.all([slack.close(), alertmanager.close()]));

const ENV = {
  SLACK_BOT_TOKEN: 'xoxb-0123456789-of-the-test',
  SLACK_API_URL: slack.url,
  SLACK_SIGNING_SECRET: SIGNING_SECRET,
  ALERTMANAGER_URL: alertmanager.url,
  ALERTMANAGER_PASSWORD: 'password-of-alertmanager',
};
const start = (env: Record<string, string> = {}) => scene.start({ ...ENV, ...env });
const alert = async (service: RunningService, group: string, alerts: readonly AlertSketch[]) => {
  const answer = await service.post('/alerts', webhook(group, alerts), bearer);
  expect(answer.status).toBe(200);
  return answer;
};

/** What people saw of a group, in order: the thread's messages, without the changes of the first one. */
const threadOf = (group: string) => {
  const root = slack.accepted.find(({ text, thread }) => thread === null && text.includes(group));
  return slack.accepted.filter(
    ({ method, ts, thread }) => method === 'chat.postMessage' && (ts === root?.ts || thread === root?.ts),
  );
};
const texts = (posts: readonly Posted[]) => posts.map(({ text }) => text);
const settled = async () => {
  const { rows } = await database.pool.query(
    "select count(*)::int as owed from notify.deliveries where status = 'pending'",
  );
  return rows[0]?.owed === 0;
};
const lastUpdate = (root: string | undefined) =>
  slack.accepted.findLast(({ method, thread }) => method === 'chat.update' && thread === root);

test('a webhook of its own token becomes one thread; a repetition changes nothing; resolved closes it', async () => {
  const service = await start();
  expect((await service.post('/alerts', webhook('Nobody', []))).status).toBe(401);
  expect((await service.post('/alerts', webhook('Nobody', []), { authorization: 'Bearer x' })).status).toBe(
    401,
  );
  const first: AlertSketch = { fingerprint: 'a1', severity: 'warning', summary: 'Lag grows' };
  expect(await alert(service, 'Lag', [first])).toMatchObject({
    status: 200,
    body: { alerts: { opened: 1 } },
  });
  expect(await alert(service, 'Lag', [first])).toMatchObject({ body: { alerts: { duplicate: 1 } } });
  const second: AlertSketch = { fingerprint: 'a2', severity: 'warning', summary: 'Lag elsewhere' };
  await alert(service, 'Lag', [first, second]);
  await alert(service, 'Lag', [{ ...first, status: 'resolved' }, second]);
  await alert(service, 'Lag', [
    { ...first, status: 'resolved' },
    { ...second, status: 'resolved' },
  ]);
  await until(settled);
  const root = slack.accepted[0]?.ts;
  const told = slack.accepted.filter(({ method }) => method === 'chat.postMessage');
  expect(told.map(({ text, thread, channel }) => ({ text, thread, channel }))).toEqual([
    { text: 'WARNING: Lag grows', thread: null, channel: '#alerts' },
    { text: '1 alert more.', thread: root, channel: 'CALERTS000' },
    { text: '1 alert resolved.', thread: root, channel: 'CALERTS000' },
    { text: 'Resolved: nothing of it fires any more.', thread: root, channel: 'CALERTS000' },
  ]);
  expect(lastUpdate(root)?.text).toBe('RESOLVED: Lag grows');
  expect(JSON.stringify(slack.accepted[0]?.blocks)).toContain(
    '<https://example.com/runbooks/page.md|runbook>',
  );
  expect(JSON.stringify(lastUpdate(root)?.blocks)).not.toContain('"actions"');
  await alert(service, 'Lag', [{ ...first, startsAt: '2026-01-05T03:00:00Z' }]);
  await until(async () => texts(slack.accepted).includes('Fires again: 1 alert.'));
  expect(slack.accepted.findLast(({ text }) => text.startsWith('Fires again'))?.thread).toBe(root);
});

test('what is no webhook is refused by name, and unknown fields are none', async () => {
  const service = await start();
  const wrong = await service.post('/alerts', { ...webhook('Wrong', []), version: '3' }, bearer);
  expect(wrong).toMatchObject({ status: 400, body: { code: 'ALERTS_INVALID' } });
  const huge = { ...webhook('Huge', []), padding: 'x'.repeat(3_000_000) };
  expect(await service.post('/alerts', huge, bearer)).toMatchObject({
    status: 413,
    body: { code: 'ALERTS_TOO_LARGE' },
  });
  expect(await alert(service, 'Silent', [{ fingerprint: 'b1', status: 'resolved' }])).toMatchObject({
    status: 200,
    body: { alerts: { unknown: 1 } },
  });
});

test('kill -9 while Slack is down: every word comes, in order and in its thread, whoever repeats the webhook', async () => {
  slack.always({ status: 503 });
  const first = await start();
  const alerts = Array.from({ length: 6 }, (_, index) => ({ fingerprint: `c${index}`, severity: 'warning' }));
  for (let count = 1; count <= 3; count += 1) await alert(first, 'Crash', alerts.slice(0, count));
  await first.process.kill();
  const second = await start();
  for (let count = 3; count <= 6; count += 1) await alert(second, 'Crash', alerts.slice(0, count));
  await second.process.kill();
  slack.always('accept');
  const third = await start();
  await alert(
    third,
    'Crash',
    alerts.map((each) => ({ ...each, status: 'resolved' as const })),
  );
  await until(settled);
  expect(texts(threadOf('Crash'))).toEqual([
    'WARNING: Crash of c0',
    ...Array.from({ length: 5 }, () => '1 alert more.'),
    'Resolved: nothing of it fires any more.',
  ]);
  const deliveries = threadOf('Crash').map(({ deliveryId }) => Number(deliveryId.split(':').at(-1)));
  expect(deliveries).toEqual(deliveries.toSorted((left, right) => left - right));
});

test('429, 5xx, a time of silence and a first message that Slack refuses: the thread begins with what it takes', async () => {
  const service = await start();
  slack.script({ status: 429, retryAfter: 0 }, { status: 500 }, { error: 'invalid_blocks' });
  await alert(service, 'Rough', [{ fingerprint: 'd1', severity: 'warning' }]);
  await alert(service, 'Rough', [
    { fingerprint: 'd1', severity: 'warning' },
    { fingerprint: 'd2', severity: 'warning', summary: 'Rough too' },
  ]);
  await alert(service, 'Rough', [{ fingerprint: 'd1', severity: 'warning', status: 'resolved' }]);
  await until(settled);
  const { rows } = await database.pool.query(
    "select d.status, d.last_error, d.action from notify.deliveries d join notify.incidents i on i.id = d.incident_id where i.title = 'Rough of d1' order by position",
  );
  expect(rows.map(({ status, action }) => `${action} ${status}`)).toEqual([
    'post failed',
    ...['reply sent', 'update sent', 'reply sent', 'update sent'],
  ]);
  const [root, reply] = slack.accepted
    .filter(({ text }) => /^1 alert (more|resolved)\.$/.test(text))
    .slice(-2);
  expect(root?.thread).toBeNull();
  expect(reply?.thread).toBe(root?.ts);
});

test('a connection that is cut after Slack took the message: it comes twice, and both bear its delivery id', async () => {
  const service = await start();
  slack.script('cut-after-taking');
  await alert(service, 'Cut', [{ fingerprint: 'e1', severity: 'warning' }]);
  await until(settled);
  const ids = slack.accepted
    .filter(({ text }) => text === 'WARNING: Cut of e1')
    .map(({ deliveryId }) => deliveryId);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});

describe('what only a person can mend is named in /status, and nothing is lost meanwhile', () => {
  const lacking = { error: 'missing_scope', needed: 'chat:write', provided: 'identify,chat:read' };
  test.each([
    [lacking, 'missing_scope (the bot token needs chat:write, it has identify,chat:read)'],
    [{ error: 'channel_not_found' }, 'channel_not_found'],
    [{ error: 'token_revoked' }, 'token_revoked'],
  ])('%j', async (answer, fault) => {
    slack.always(answer);
    const service = await start();
    const group = `Person-${answer.error}`;
    await alert(service, group, [{ fingerprint: 'f1', severity: 'warning' }]);
    const state = async () => (await service.status()).slack as { state: string; faults: object };
    await until(async () => (await state()).state === 'needs-person');
    expect(await state()).toMatchObject({ faults: { '#alerts': fault } });
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toMatch(/notification_slack_state\{[^}]*state="needs-person"[^}]*\} 1/);
    slack.always('accept');
    await until(async () => threadOf(`${group} of f1`).length === 1);
  });
});

const pressBody = (user: string, action: string, target: string, ts = '1.1') =>
  new URLSearchParams({
    payload: JSON.stringify({
      type: 'block_actions',
      user: { id: user },
      container: { type: 'message', channel_id: 'CCRITICAL0', message_ts: ts },
      actions: [{ type: 'button', action_id: action, value: target }],
      nonce: randomUUID(),
    }),
  }).toString();
interface PressOptions {
  readonly at?: number;
  readonly secret?: string;
}
const send = async (
  service: RunningService,
  body: string,
  { at = Date.now(), secret = SIGNING_SECRET }: PressOptions = {},
) => {
  const timestamp = String(Math.floor(at / 1_000));
  const response = await fetch(`${service.url}/slack/interactions`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signatureOf(secret, timestamp, Buffer.from(body)),
    },
  });
  const text = await response.text();
  return { status: response.status, code: text === '' ? null : (JSON.parse(text) as { code: string }).code };
};
const incidentId = async (group: string) => {
  const { rows } = await database.pool.query('select id from notify.incidents where group_key like $1', [
    `%"${group}"%`,
  ]);
  return rows[0]?.id as string;
};

describe('buttons', () => {
  test('acknowledged once, told in the thread, and not told again by itself', async () => {
    const service = await start();
    await alert(service, 'Acked', [{ fingerprint: 'g1' }]);
    const id = await incidentId('Acked');
    expect(await send(service, pressBody('U0000ANNA', 'fleet_ack', id))).toEqual({ status: 200, code: null });
    expect(await send(service, pressBody('U0000ANNA', 'fleet_ack', id))).toEqual({ status: 200, code: null });
    await until(async () => texts(threadOf('Acked of g1')).includes('Taken up by anna@example.com.'));
    await until(settled);
    const { rows } = await database.pool.query(
      'select acked_by, note from notify.acks where notification_id = $1',
      [id],
    );
    expect(rows).toEqual([{ acked_by: 'anna@example.com', note: 'by button' }]);
    const pressed = await database.pool.query(
      'select outcome from notify.interactions where target = $1 order by at',
      [id],
    );
    expect(pressed.rows.map(({ outcome }) => outcome)).toEqual(['done', 'already']);
    const blocks = JSON.stringify(lastUpdate(threadOf('Acked of g1')[0]?.ts)?.blocks);
    expect(blocks).toContain('taken up by anna@example.com');
    expect(blocks).not.toContain('fleet_ack');
    const { rows: due } = await database.pool.query(
      'select escalate_at from notify.incidents where id = $1',
      [id],
    );
    expect(due).toEqual([{ escalate_at: null }]);
  });

  test('refused: strangers, other bodies, old and early times, repetitions, people who may not', async () => {
    const service = await start();
    await alert(service, 'Refused', [{ fingerprint: 'h1', severity: 'warning' }]);
    const id = await incidentId('Refused');
    const body = pressBody('U0000ANNA', 'fleet_silence_1h', id);
    const refusals = [
      [await send(service, body, { secret: 'another-secret-of-nobody' }), 401, 'SLACK_SIGNATURE_WRONG'],
      [await send(service, body, { at: Date.now() - 310_000 }), 401, 'SLACK_TIMESTAMP_OUT_OF_WINDOW'],
      [await send(service, body, { at: Date.now() + 310_000 }), 401, 'SLACK_TIMESTAMP_OUT_OF_WINDOW'],
      [await send(service, pressBody('U0000EVIL', 'fleet_ack', id)), 403, 'SLACK_PERSON_NOT_ALLOWED'],
      [await send(service, pressBody('U0000VERA', 'fleet_ack', id)), 403, 'SLACK_PERSON_NOT_ALLOWED'],
      [await send(service, pressBody('U0000GONE', 'fleet_ack', id)), 403, 'SLACK_PERSON_NOT_ALLOWED'],
      [await send(service, pressBody('U0000ANNA', 'fleet_sell_all', id)), 400, 'SLACK_INTERACTION_INVALID'],
      [await send(service, 'payload=%7B'), 400, 'SLACK_INTERACTION_INVALID'],
    ] as const;
    for (const [answer, status, code] of refusals) expect(answer).toEqual({ status, code });
    const at = Date.now();
    const twice = pressBody('U0000ANNA', 'fleet_ack', id);
    expect(await send(service, twice, { at })).toEqual({ status: 200, code: null });
    expect(await send(service, twice, { at })).toEqual({ status: 409, code: 'SLACK_REQUEST_REPLAYED' });
    await service.process.kill();
    const again = await start();
    expect(await send(again, twice, { at })).toEqual({ status: 409, code: 'SLACK_REQUEST_REPLAYED' });
    const metrics = await (await fetch(`${again.url}/metrics`)).text();
    expect(metrics).toMatch(/slack_interactions_total\{[^}]*outcome="replayed"[^}]*\} 1/);
    expect(metrics).toMatch(/incidents_open\{[^}]*severity="warning"[^}]*\} [1-9]/);
  });

  test('silence is set in Alertmanager once, though it fails, its answer is lost, and the process is killed', async () => {
    const service = await start();
    await alert(service, 'Loud', [{ fingerprint: 'i1', severity: 'warning' }]);
    // Cut between Slack's answer and its commit the first message comes twice, and the thread is the later one.
    await until(settled);
    alertmanager.script(503, 'cut-after-making');
    const id = await incidentId('Loud');
    expect((await send(service, pressBody('U0000ANNA', 'fleet_silence_4h', id))).status).toBe(200);
    await service.process.kill();
    await start();
    await until(async () => texts(threadOf('Loud of i1')).some((text) => text.startsWith('Silent until')));
    expect(alertmanager.silences).toHaveLength(1);
    const [set] = alertmanager.silences;
    expect(set).toMatchObject({
      createdBy: 'anna@example.com',
      matchers: [
        { name: 'alertname', value: 'Loud', isEqual: true, isRegex: false },
        // Else it would silence the same alert of every service and run.
        { name: 'service', value: '', isEqual: true, isRegex: false },
        { name: 'run', value: '', isEqual: true, isRegex: false },
      ],
    });
    expect(Date.parse(set?.endsAt ?? '') - Date.parse(set?.startsAt ?? '')).toBe(4 * 3_600_000);
    expect(new Set(alertmanager.authorizations)).toEqual(
      new Set([`Basic ${Buffer.from('alertmanager:password-of-alertmanager').toString('base64')}`]),
    );
  });

  test('a silence that Alertmanager refuses is told, and the button is there again', async () => {
    const service = await start();
    await alert(service, 'Stubborn', [{ fingerprint: 'j1', severity: 'warning' }]);
    alertmanager.script(400);
    await send(service, pressBody('U0000ANNA', 'fleet_silence_1h', await incidentId('Stubborn')));
    await until(async () =>
      texts(threadOf('Stubborn of j1')).some((text) => text.startsWith('It could not be silenced')),
    );
    await until(settled);
    expect(JSON.stringify(lastUpdate(threadOf('Stubborn of j1')[0]?.ts)?.blocks)).toContain(
      'fleet_silence_1h',
    );
  });

  test('a critical notification is acknowledged in its thread', async () => {
    const service = await start();
    const { body } = await service.post('/notify', {
      severity: 'critical',
      code: 'TRADING_HALTED',
      title: 'Halted',
    });
    const { id } = body as { id: string };
    const told = () => slack.accepted.find(({ text }) => text === 'CRITICAL: Halted');
    await until(async () => told() !== undefined);
    expect(JSON.stringify(told()?.blocks)).toContain('fleet_ack');
    expect(JSON.stringify(told()?.blocks)).not.toContain('fleet_silence');
    await send(service, pressBody('U0000ANNA', 'fleet_ack', id, told()?.ts));
    await until(async () =>
      slack.accepted.some(
        ({ text, thread }) => text === 'Taken up by anna@example.com: Halted' && thread === told()?.ts,
      ),
    );
  });
});

test('a critical incident that nobody takes up is told again after a restart, in its thread and elsewhere', async () => {
  const first = await start();
  await alert(first, 'Ignored', [{ fingerprint: 'k1' }]);
  await first.process.kill();
  await start();
  const again = () =>
    slack.accepted.filter(({ text }) => text.includes('Nobody has taken it up') && text.includes('Ignored'));
  await until(async () => again().length === 2);
  await until(settled);
  expect(again().every(({ text }) => text.startsWith('<!here> '))).toBe(true);
  expect(
    again()
      .map(({ channel }) => channel)
      .toSorted(),
  ).toEqual(['#phone', 'CCRITICAL0']);
});

test('without a signing secret there are no buttons, without Alertmanager none for silence', async () => {
  const bare = await start({ SLACK_SIGNING_SECRET: '' });
  await alert(bare, 'Bare', [{ fingerprint: 'l1', severity: 'warning' }]);
  await until(async () => threadOf('Bare of l1').length === 1);
  expect(JSON.stringify(threadOf('Bare of l1')[0]?.blocks)).not.toContain('fleet_');
  expect(await send(bare, pressBody('U0000ANNA', 'fleet_ack', 'x'))).toMatchObject({ status: 503 });
  await bare.process.stop();
  const half = await start({ ALERTMANAGER_URL: '' });
  await alert(half, 'Half', [{ fingerprint: 'm1', severity: 'warning' }]);
  await until(async () => threadOf('Half of m1').length === 1);
  const blocks = JSON.stringify(threadOf('Half of m1')[0]?.blocks);
  expect(blocks).toContain('fleet_ack');
  expect(blocks).not.toContain('fleet_silence');
});

test('behind the edge the hashes of the token are a file, read again when it has changed', async ({
  onTestFinished,
}) => {
  const { mkdtempSync, rmSync, writeFileSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const { alertsToken } = await import('./http/alerts-token.ts');
  const folder = mkdtempSync(join(tmpdir(), 'alerts-token-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const hashesFile = join(folder, 'alerts_token_hashes');
  const hash = (token: string) => createHash('sha256').update(token).digest('hex');
  const known = alertsToken({ token: undefined, hashesFile, onFault: () => undefined });
  expect(known('old')).toBeUndefined();
  writeFileSync(hashesFile, `${hash('old')}\n`, { mode: 0o400 });
  expect([known('old'), known('new'), known('')]).toEqual([true, false, false]);
  rmSync(hashesFile);
  writeFileSync(hashesFile, `# during a rotation\n${hash('new')}\n${hash('old')}\n`, { mode: 0o400 });
  expect([known('old'), known('new')]).toEqual([true, true]);
});
