#!/usr/bin/env node
// Operators' commands against a running fleet. Plain JavaScript without dependencies, so that it runs on any Node >= 20,
// also where nothing of this checkout is installed. The admin token is read, sent as a header and never printed.
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { login } from './ops/login.js';
import { forPeople } from './ops/print.js';
import { Refused, UsageError } from './ops/refusal.js';
import { dropSession, idToken } from './ops/session.js';
import { addressOf, adminToken, providerTls, readSetting, SERVICES } from './ops/setting.js';
import { send } from './ops/transport.js';

const EXIT = { ok: 0, failed: 1, usage: 2 };
/** A halt may take 7 s to be confirmed by the executor. */
const ANSWER_MS_MAX = 15_000;
const HEALTH_MS_MAX = 3_000;

const BREAK_GLASS_SOCKET = '/run/fleet/break-glass.sock';
/** Longer than a lease, so that a fleet of one which lost its own under load leads again. */
const BREAK_GLASS_WAIT_MS = 15_000;
const BREAK_GLASS_PAUSE_MS = 500;

const COMMON_OPTIONS = {
  base: { type: 'string' },
  edge: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  ca: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};
const REASON = { reason: { type: 'string' } };
const GLASS = { 'break-glass': { type: 'boolean' }, by: { type: 'string' } };

const COMMANDS = {
  'orch:halt': {
    usage: '--reason TEXT [--flatten | --break-glass]',
    does: 'stop all trading; with --flatten sell every position first',
    options: { ...REASON, ...GLASS, flatten: { type: 'boolean' } },
    run: (call, given) =>
      byGlass(call, given, '/halt') ??
      call.post('orchestrator', '/admin/orchestrate/halt', {
        reason: required(given, 'reason'),
        ...(given.flatten ? { flatten: true } : {}),
      }),
  },
  'orch:unhalt': {
    usage: '--reason TEXT',
    does: 'trade again',
    options: REASON,
    run: (call, given) =>
      call.post('orchestrator', '/admin/orchestrate/unhalt', { reason: required(given, 'reason') }),
  },
  'orch:reduce': {
    usage: '--reason TEXT [--break-glass]',
    does: 'allow only orders that make positions smaller',
    options: { ...REASON, ...GLASS },
    run: (call, given) =>
      byGlass(call, given, '/reduce') ??
      call.post('orchestrator', '/admin/orchestrate/reduce', { reason: required(given, 'reason') }),
  },
  'streams:pending': {
    usage: '',
    does: 'entries read and not yet acknowledged, by stream and group',
    options: {},
    run: (call) => call.get('orchestrator', '/admin/streams/pending', { admin: true }),
  },
  'streams:dlq:list': {
    usage: '',
    does: 'dead letters: what could not be processed, and why',
    options: {},
    run: (call) => call.get('orchestrator', '/admin/streams/dlq', { admin: true }),
  },
  'streams:dlq:requeue': {
    usage: '--id ID | --key KEY',
    does: 'give a dead letter, or all of a key in their order, back to its consumer',
    options: { id: { type: 'string' }, key: { type: 'string' } },
    run: (call, given) =>
      call.post('orchestrator', '/admin/streams/dlq/requeue', oneOf(given, ['id', 'key'])),
  },
  'notify:ack': {
    usage: '--id ID [--by NAME]',
    does: 'say that somebody has taken up a notification',
    options: { id: { type: 'string' }, by: { type: 'string' } },
    run: (call, given) =>
      call.post('notification-manager', '/admin/notify/ack', {
        id: required(given, 'id'),
        by: given.by ?? userInfo().username,
      }),
  },
  'pnl:status': {
    usage: '',
    does: 'trading state, equity and profit of the day',
    options: {},
    run: (call) => call.get('orchestrator', '/pnl/status'),
  },
  health: {
    usage: '',
    does: 'what each service says of itself; fails when one is not ready',
    options: {},
    run: (call) => health(call),
  },
  login: {
    usage: '',
    does: 'sign in for commands through the edge; the sign-in is kept in a file of yours',
    options: {},
    run: ({ setting }) =>
      login(setting.env, providerTls(setting), (text) => process.stderr.write(`${text}\n`)),
  },
  logout: {
    usage: '',
    does: 'forget the sign-in',
    options: {},
    run: ({ setting }) => dropSession(setting.env),
  },
};

process.exitCode = await main(process.argv.slice(2), process.env);

async function main(args, env) {
  const name = args[0];
  if (name === undefined || ['help', '--help', '-h'].includes(name)) {
    process.stdout.write(usageText());
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  const secrets = [];
  const hide = (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '[token]'), text);
  try {
    const { command, given } = parse(name, args.slice(1));
    if (given.help) return print(`${usageLine(name, command)}\n`);
    const setting = readSetting(env, given);
    const call = caller(setting, secrets);
    const answer = await command.run(call, given);
    print(hide(given.json ? `${JSON.stringify(answer, null, 2)}\n` : forPeople(answer)));
    return name === 'health' && !answer.ok ? EXIT.failed : EXIT.ok;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof Refused)) throw error;
    process.stderr.write(hide(`${name}: ${error.message}\n`));
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

function print(text) {
  process.stdout.write(text);
  return EXIT.ok;
}

function parse(name, args) {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new UsageError(`no such command\n\n${usageText()}`);
  try {
    const { values } = parseArgs({ args, options: { ...COMMON_OPTIONS, ...command.options } });
    return { command, given: values };
  } catch (error) {
    throw new UsageError(`${error.message}\n${usageLine(name, command)}`);
  }
}

function required(given, option) {
  const value = given[option]?.trim();
  if (!value) throw new UsageError(`--${option} is required and must not be empty`);
  return value;
}

function oneOf(given, options) {
  const set = options.filter((option) => given[option] !== undefined);
  if (set.length !== 1) throw new UsageError(`give one of ${options.map((each) => `--${each}`).join(', ')}`);
  return { [set[0]]: required(given, set[0]) };
}

// How to speak to them

function caller(setting, secrets) {
  const request = async (service, path, init, admin) => {
    const headers = { accept: 'application/json', ...init.headers };
    if (admin) headers['x-admin-token'] = noted(secrets, adminToken(setting.env, setting.state));
    if (setting.edge === undefined)
      return answerOf(service, new URL(path, addressOf(service, setting)), { ...init, headers });
    headers.authorization = `Bearer ${noted(secrets, await idToken(setting.env, providerTls(setting)))}`;
    headers.origin = setting.edge;
    const url = new URL(`/api/${service}${path}`, setting.edge);
    return answerOf(service, url, { ...init, headers, tls: setting.tls });
  };
  return {
    setting,
    get: (service, path, { admin = false } = {}) => request(service, path, {}, admin),
    post: (service, path, body) => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
      return request(service, path, { method: 'POST', headers, body: JSON.stringify(body) }, true);
    },
  };
}

function noted(secrets, secret) {
  if (secret !== '') secrets.push(secret);
  return secret;
}

/** Inside the orchestrator's container, past sign-in and certificates; undefined when it was not asked for. */
function byGlass({ setting }, given, path) {
  if (!given['break-glass']) return undefined;
  if (given.flatten)
    throw new UsageError('break-glass cannot sell: halt first, flatten when you can sign in again');
  const socketPath = setting.env.BREAK_GLASS_SOCKET || BREAK_GLASS_SOCKET;
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ reason: required(given, 'reason'), ...(given.by ? { by: given.by } : {}) });
  return onceItLeads(() =>
    answerOf('orchestrator', new URL(path, 'http://localhost'), {
      method: 'POST',
      headers,
      body,
      socketPath,
    }),
  );
}

/** A person in need does not repeat a command: an orchestrator that does not lead for a moment is asked again. */
async function onceItLeads(ask) {
  const deadline = performance.now() + BREAK_GLASS_WAIT_MS;
  for (let asked = 1; ; asked += 1) {
    try {
      return await ask();
    } catch (error) {
      if (error.code !== 'NOT_LEADER' || performance.now() > deadline) throw error;
    }
    if (asked === 1)
      process.stderr.write(
        `this orchestrator does not lead; asking again for ${BREAK_GLASS_WAIT_MS / 1000} s\n`,
      );
    await sleep(BREAK_GLASS_PAUSE_MS);
  }
}

async function answerOf(service, url, init) {
  let answer;
  try {
    answer = await send(url, { ...init, timeoutMs: ANSWER_MS_MAX });
  } catch (error) {
    const where = init.socketPath ?? url.origin;
    const hint = init.socketPath ? '\n  what to do: run it inside the container of the orchestrator' : '';
    throw new Refused(`${service} at ${where} cannot be reached: ${error.message}${hint}`);
  }
  const { status, text, location } = answer;
  if (status >= 300 && status < 400) {
    throw new Refused(
      `${service} sends elsewhere (${status} to ${String(location).split('?')[0]}): sign in again with login`,
    );
  }
  const body = parsedOr(text);
  if (status < 200 || status > 299) throw new Refused(refusal(service, status, body, text), body?.code);
  return body ?? { answer: text };
}

function parsedOr(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(service, status, problem, text) {
  if (problem === undefined) return `${service} answered ${status}: ${text.slice(0, 300)}`;
  const head = [problem.code, problem.detail ?? problem.title].filter(Boolean).join(': ');
  const action = problem.action ? `\n  what to do: ${problem.action}` : '';
  const id = problem.requestId ? `\n  request id: ${problem.requestId}` : '';
  return `${service} answered ${status}${head ? ` ${head}` : ''}${action}${id}`;
}

async function health(call) {
  const { base, edge } = call.setting;
  const names = base === undefined ? Object.keys(SERVICES) : [base];
  const one = edge === undefined ? (name) => healthOf(name, call.setting) : (name) => throughEdge(name, call);
  const services = await Promise.all(names.map(one));
  return { ok: services.every((service) => service.ready === 'yes'), services };
}

async function healthOf(name, setting) {
  const url = setting.base ?? addressOf(name, setting);
  const row = { service: name, url, ready: 'no', latencyMs: null, detail: '' };
  const begun = performance.now();
  try {
    const { status, text } = await send(new URL('/ready', url), { timeoutMs: HEALTH_MS_MAX });
    row.latencyMs = Math.round(performance.now() - begun);
    if (status === 200) row.ready = 'yes';
    else row.detail = notReadyText(status, parsedOr(text));
  } catch (error) {
    row.detail = error.message;
  }
  return row;
}

/** /ready is for probes inside; of what the edge shows, /status says what is waited for. */
async function throughEdge(name, call) {
  const row = {
    service: name,
    url: `${call.setting.edge}/api/${name}`,
    ready: 'no',
    latencyMs: null,
    detail: '',
  };
  const begun = performance.now();
  try {
    const { waitsFor, runners = [] } = await call.get(name, '/status');
    row.latencyMs = Math.round(performance.now() - begun);
    const problems = [waitsFor, ...runners.map(({ problem }) => problem)].filter(Boolean);
    if (problems.length === 0) row.ready = 'yes';
    else row.detail = problems.join('; ');
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    row.detail = error.message.split('\n')[0];
  }
  return row;
}

function notReadyText(status, body) {
  const reasons = body?.reasons ?? body?.problems;
  return Array.isArray(reasons) ? reasons.join('; ') : (body?.detail ?? `answered ${status}`);
}

function usageLine(name, { usage, does }) {
  return `  ${`${name} ${usage}`.trim().padEnd(44)}  ${does}`;
}

function usageText() {
  return `usage: node scripts/ops_cli.js COMMAND [--base URL | --edge URL --cert FILE --key FILE [--ca FILE]] [--json]

${Object.entries(COMMANDS)
  .map(([name, command]) => usageLine(name, command))
  .join('\n')}

the edge:    --edge (or FLEET_EDGE_URL) with a client certificate (FLEET_CERT, FLEET_KEY, FLEET_CA) and the sign-in of
             \`login\`, which needs OIDC_ISSUER; or an ID token in FLEET_ID_TOKEN_FILE
break-glass: inside the orchestrator's container, when nobody can sign in: orch:halt and orch:reduce, nothing upwards
addresses:   --base, else ORCHESTRATOR_URL and the like, else the running demo's, else 127.0.0.1:7001 to 7008
admin token: ADMIN_TOKEN, else ADMIN_TOKEN_FILE, else the running demo's; never printed
exit codes:  0 done, 1 refused or failed, 2 wrong use
`;
}
