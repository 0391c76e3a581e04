#!/usr/bin/env node
// Operators' commands against a running fleet. Plain JavaScript without dependencies, so that it runs on any Node >= 20,
// also where nothing of this checkout is installed. The admin token is read, sent as a header and never printed.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const EXIT = { ok: 0, failed: 1, usage: 2 };
/** A halt may take 7 s to be confirmed by the executor. */
const ANSWER_MS_MAX = 15_000;
const HEALTH_MS_MAX = 3_000;
const CELL_CHARACTERS_MAX = 60;

/** Name in the demo's state file, environment variable, port on the loopback. */
const SERVICES = {
  orchestrator: { env: 'ORCHESTRATOR_URL', port: 7001 },
  'portfolio-manager': { env: 'PORTFOLIO_MANAGER_URL', port: 7002 },
  'market-analyst': { env: 'MARKET_ANALYST_URL', port: 7003 },
  'risk-manager': { env: 'RISK_MANAGER_URL', port: 7004 },
  'trade-executor': { env: 'TRADE_EXECUTOR_URL', port: 7005 },
  'notification-manager': { env: 'NOTIFICATION_MANAGER_URL', port: 7006 },
  'parameter-optimizer': { env: 'PARAMETER_OPTIMIZER_URL', port: 7007 },
  'mcp-hub-controller': { env: 'MCP_HUB_CONTROLLER_URL', port: 7008 },
};

const COMMON_OPTIONS = {
  base: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};
const REASON = { reason: { type: 'string' } };

const COMMANDS = {
  'orch:halt': {
    usage: '--reason TEXT [--flatten]',
    does: 'stop all trading; with --flatten sell every position first',
    options: { ...REASON, flatten: { type: 'boolean' } },
    run: (call, given) =>
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
    usage: '--reason TEXT',
    does: 'allow only orders that make positions smaller',
    options: REASON,
    run: (call, given) =>
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
};

class UsageError extends Error {}
class Refused extends Error {}

process.exitCode = await main(process.argv.slice(2), process.env);

async function main(args, env) {
  const name = args[0];
  if (name === undefined || ['help', '--help', '-h'].includes(name)) {
    process.stdout.write(usageText());
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  let token;
  const hide = (text) => (token === undefined ? text : text.replaceAll(token, '[token]'));
  try {
    const { command, given } = parse(name, args.slice(1));
    if (given.help) return print(`${usageLine(name, command)}\n`);
    const setting = readSetting(env, given.base);
    const call = caller(setting, () => {
      token = adminToken(env, setting.state);
      return token;
    });
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

// Where the services are, and how to speak to them

function readSetting(env, base) {
  const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '..');
  const stateFile = env.FLEET_STATE_FILE || join(checkout, '.local/demo/state.json');
  return {
    env,
    base: base === undefined ? undefined : checkedUrl(base, '--base'),
    state: readState(stateFile),
  };
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

function addressOf(service, { env, base, state }) {
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

function adminToken(env, state) {
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

function caller(setting, token) {
  const request = (service, path, init, admin) =>
    answerOf(service, new URL(path, addressOf(service, setting)), {
      ...init,
      headers: {
        accept: 'application/json',
        ...init.headers,
        ...(admin ? { 'x-admin-token': token() } : {}),
      },
    });
  return {
    setting,
    get: (service, path, { admin = false } = {}) => request(service, path, {}, admin),
    post: (service, path, body) => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
      return request(service, path, { method: 'POST', headers, body: JSON.stringify(body) }, true);
    },
  };
}

async function answerOf(service, url, init) {
  let response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_MS_MAX), redirect: 'error' });
  } catch (error) {
    const why =
      error.name === 'TimeoutError' ? `no answer within ${ANSWER_MS_MAX / 1000} s` : reasonOf(error);
    throw new Refused(`${service} at ${url.origin} cannot be reached: ${why}`);
  }
  const text = await response.text();
  const body = parsedOr(text);
  if (!response.ok) throw new Refused(refusal(service, response.status, body, text));
  return body ?? { answer: text };
}

function reasonOf(error) {
  return error.cause?.code ?? error.cause?.message ?? error.message;
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
  const names = call.setting.base === undefined ? Object.keys(SERVICES) : [call.setting.base];
  const services = await Promise.all(names.map((name) => healthOf(name, call.setting)));
  return { ok: services.every((service) => service.ready === 'yes'), services };
}

async function healthOf(name, setting) {
  const url = setting.base ?? addressOf(name, setting);
  const row = { service: name, url, ready: 'no', latencyMs: null, detail: '' };
  const begun = performance.now();
  try {
    const response = await fetch(new URL('/ready', url), { signal: AbortSignal.timeout(HEALTH_MS_MAX) });
    row.latencyMs = Math.round(performance.now() - begun);
    const body = parsedOr(await response.text());
    if (response.ok) row.ready = 'yes';
    else row.detail = notReadyText(response.status, body);
  } catch (error) {
    row.detail =
      error.name === 'TimeoutError' ? `no answer within ${HEALTH_MS_MAX / 1000} s` : reasonOf(error);
  }
  return row;
}

function notReadyText(status, body) {
  const reasons = body?.reasons ?? body?.problems;
  return Array.isArray(reasons) ? reasons.join('; ') : (body?.detail ?? `answered ${status}`);
}

// What people read

function forPeople(answer, indent = '') {
  if (Array.isArray(answer)) return answer.length === 0 ? `${indent}none\n` : table(answer, indent);
  if (!isRecord(answer)) return `${indent}${cell(answer)}\n`;
  const width = Math.max(0, ...Object.keys(answer).map((key) => key.length));
  return Object.entries(answer)
    .map(([key, value]) => {
      const nested = isRecord(value) || (Array.isArray(value) && value.some(isRecord));
      if (nested) return `${indent}${key}\n${forPeople(value, `${indent}  `)}`;
      const text = Array.isArray(value) ? value.map(cell).join(', ') || 'none' : fullText(value);
      return `${indent}${key.padEnd(width)}  ${text}\n`;
    })
    .join('');
}

function table(rows, indent) {
  if (!rows.every(isRecord)) return rows.map((row) => `${indent}${cell(row)}\n`).join('');
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index].length)));
  return lines
    .map(
      (line) =>
        `${indent}${line
          .map((text, index) => text.padEnd(widths[index]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Ids and keys must stay whole: the next command takes them. */
function cell(value) {
  const text = fullText(value);
  const words = /\s|[{[]/.test(text);
  return words && text.length > CELL_CHARACTERS_MAX ? `${text.slice(0, CELL_CHARACTERS_MAX - 1)}…` : text;
}

function fullText(value) {
  if (value === null || value === undefined) return '-';
  return (typeof value === 'object' ? JSON.stringify(value) : String(value)).replaceAll(/\p{Cc}/gu, ' ');
}

function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function usageLine(name, { usage, does }) {
  return `  ${`${name} ${usage}`.trim().padEnd(44)}  ${does}`;
}

function usageText() {
  return `usage: node scripts/ops_cli.js COMMAND [--base URL] [--json]

${Object.entries(COMMANDS)
  .map(([name, command]) => usageLine(name, command))
  .join('\n')}

addresses:   --base, else ORCHESTRATOR_URL and the like, else the running demo's, else 127.0.0.1:7001 to 7008
admin token: ADMIN_TOKEN, else ADMIN_TOKEN_FILE, else the running demo's; never printed
exit codes:  0 done, 1 refused or failed, 2 wrong use
`;
}
