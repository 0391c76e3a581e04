import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const ROTATE = join(import.meta.dirname, 'rotate-secret');
const template = mkdtempSync(join(tmpdir(), 'rotate-template-'));
let folder: string;
let dir: string;

beforeAll(() => {
  const made = spawnSync(join(import.meta.dirname, 'init-secrets'), ['--dir', template, '--keep-owner']);
  if (made.status !== 0) throw new Error(made.stderr.toString());
});
afterAll(() => rmSync(template, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rotate-'));
  dir = join(folder, 'secrets');
  cpSync(template, dir, { recursive: true });
  hands('exit 0');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What is done to the running fleet: written down, with what stood in a file at that moment; then `body`. */
function hands(body: string): void {
  const script = `#!/usr/bin/env bash\necho "$*" >>"${folder}/done"\n[[ -z "\${LOOK:-}" ]] || cat "${dir}/$LOOK" >>"${folder}/seen"\n${body}\n`;
  writeFileSync(join(folder, 'hands'), script);
  chmodSync(join(folder, 'hands'), 0o755);
}

interface Ended {
  readonly status: number | null;
  readonly said: string;
}

interface Extra {
  readonly look?: string;
  readonly input?: string;
  readonly accessControl?: 'token' | 'edge';
}

function rotate(args: readonly string[], extra: Extra = {}): Ended {
  const env = {
    ...process.env,
    FLEET_HANDS: join(folder, 'hands'),
    FLEET_SETTLE_SECONDS: '0',
    LOOK: extra.look,
    ACCESS_CONTROL: extra.accessControl ?? 'edge',
  };
  const { status, stdout, stderr } = spawnSync(ROTATE, ['--dir', dir, '--keep-owner', ...args], {
    ...{ env, encoding: 'utf8' },
    ...(extra.input === undefined ? {} : { input: extra.input }),
  });
  return { status, said: `${stdout}${stderr}` };
}

const text = (path: string): string => readFileSync(join(dir, path), 'utf8').trim();
const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex');
const done = (): string[] =>
  existsSync(join(folder, 'done')) ? readFileSync(join(folder, 'done'), 'utf8').trim().split('\n') : [];

describe('scripts/rotate-secret', { timeout: 120_000 }, () => {
  it('lets old and new admin token count until it is finished', () => {
    const old = text('admin_token');
    expect(rotate(['admin_token']).status).toBe(0);
    const made = text('admin_token');
    expect(made).not.toBe(old);
    for (const service of ['orchestrator', 'risk-manager'])
      expect(text(`${service}/admin_token_hashes`).split('\n')).toEqual([sha256(made), sha256(old)]);
    expect(rotate(['--status']).said).toMatch(/^admin_token: old and new count since .* --finish$/m);
    expect(rotate(['admin_token', '--finish']).status).toBe(0);
    expect(text('orchestrator/admin_token_hashes')).toBe(sha256(made));
    expect(rotate(['--status']).said.trim()).toBe('no rotation is under way');
    expect(done()).toEqual([]);
  });

  it.each([
    ['admin_token', 'short', 'fewer than 16 characters'],
    ['edge_admin_secret', 'x'.repeat(20), 'fewer than 24 characters'],
    ['admin_token', ' \n', 'fewer than 16 characters'],
    ['admin_token', 'two words of which each is long', 'more than one word'],
    ['risk_signing_key', 'x'.repeat(40), 'no Ed25519 key'],
    ['database_password_orchestrator', 'x'.repeat(40), 'takes no --value'],
    ['mcp_token', 'short', 'fewer than 16 characters'],
  ])('lets no service accept a given %s that cannot be used: %j', (name, value, why) => {
    const before = text('orchestrator/admin_token_hashes');
    const { status, said } = rotate([name, '--value', '-'], { input: value });
    expect([status, said]).toEqual([1, expect.stringContaining(why)]);
    expect(text('orchestrator/admin_token_hashes')).toBe(before);
    expect(readdirSync(dir).filter((file) => /\.(next|previous)$/.test(file))).toEqual([]);
    expect(done()).toEqual([]);
  });

  it('exchanges the password of the backup at once, in its folder and in what migrate is told', () => {
    const old = text('database_password_backup');
    expect(rotate(['database_password_backup']).status).toBe(0);
    const made = text('database_password_backup');
    expect(made).not.toBe(old);
    expect(text('backup/password')).toBe(made);
    expect(text('migrate/backup_url')).toContain(`:${made}@`);
    expect(done()).toEqual(['migrate']);
  });

  it('takes the same given value again, and no other one before the rotation is finished', () => {
    const given = ['admin_token', '--value', '-'];
    expect(rotate(given, { input: 'a-token-that-somebody-made' }).status).toBe(0);
    expect(rotate(given, { input: 'a-token-that-somebody-made\n' }).status).toBe(0);
    const other = rotate(given, { input: 'another-token-that-somebody-made' });
    expect([other.status, other.said]).toEqual([1, expect.stringContaining('under way, with another value')]);
    expect(text('admin_token')).toBe('a-token-that-somebody-made');
  });

  it.each([
    ['prometheus_password', ['render', 'restart prometheus', 'restart grafana']],
    ['alertmanager_password', ['render', 'restart prometheus', 'restart notification-manager']],
    ['slack_alerts_webhook', ['render', 'restart alertmanager']],
    ['deadman_url', ['render', 'restart alertmanager']],
    ['slack_mcp_api_key', ['restart slack-mcp-server']],
  ])('has those read %s anew who read it at their start alone', (name, steps) => {
    const given = /_(password|key)$/.test(name) ? [] : ['--value', '-'];
    expect(rotate([name, ...given], { input: 'https://outside.example/x' }).status).toBe(0);
    expect(done()).toEqual(steps);
  });

  it('prints neither value', () => {
    const old = text('admin_token');
    const { said } = rotate(['admin_token']);
    expect([said.includes(old), said.includes(text('admin_token'))]).toEqual([false, false]);
  });

  it('has an edge secret accepted by its service before the edge sends it', () => {
    const old = text('edge_secret_risk-manager');
    rotate(['edge_secret_risk-manager'], { look: 'risk-manager/edge_secret_hashes' });
    const made = text('edge_secret_risk-manager');
    expect(done()).toEqual(['render']);
    expect(readFileSync(join(folder, 'seen'), 'utf8').trim().split('\n')).toEqual([
      sha256(made),
      sha256(old),
    ]);
    expect(text('render/edge_secret_risk-manager')).toBe(made);
    expect(text('orchestrator/edge_secret_hashes')).toBe(sha256(text('edge_secret_orchestrator')));
  });

  it('loads a Redis user with both passwords before its service is restarted with the new one', () => {
    const old = text('redis_password_risk-manager');
    rotate(['redis_password_risk-manager']);
    const made = text('redis_password_risk-manager');
    expect(done()).toEqual(['acl-load', 'restart risk-manager']);
    expect(text('redis/users.acl')).toContain(`user risk-manager on #${sha256(made)} #${sha256(old)} `);
    expect(new URL(text('risk-manager/redis_url')).password).toBe(made);
    rotate(['redis_password_risk-manager', '--finish']);
    expect(done()).toEqual(['acl-load', 'restart risk-manager', 'acl-load']);
    expect(text('redis/users.acl')).not.toContain(sha256(old));
  });

  it('gives a service its other database login, and in the end takes the first one away', () => {
    const first = new URL(text('risk-manager/database_url'));
    rotate(['database_password_risk-manager']);
    const second = new URL(text('risk-manager/database_url'));
    expect([first.username, second.username]).toEqual(['fleet_risk_a', 'fleet_risk_b']);
    expect(second.password).not.toBe(first.password);
    expect(text('migrate/risk-manager_database_url_other')).toBe(first.href);
    expect(done()).toEqual(['migrate', 'restart risk-manager']);
    expect(rotate(['--status']).said).toMatch(/^database_password_risk-manager: old and new count/m);
    rotate(['database_password_risk-manager', '--finish']);
    expect(readdirSync(join(dir, 'migrate')).filter((name) => name.endsWith('_other'))).toEqual([]);
    expect(existsSync(join(dir, 'database_password_risk-manager_a'))).toBe(false);
    rotate(['database_password_risk-manager']);
    expect(new URL(text('risk-manager/database_url')).username).toBe('fleet_risk_a');
    expect(new URL(text('risk-manager/database_url')).password).not.toBe(first.password);
  });

  it('shows the executor the new signing key before risk signs with it', () => {
    const [before] = readdirSync(join(dir, 'trade-executor/risk_public_keys'));
    rotate(['risk_signing_key']);
    expect(done()).toEqual(['restart risk-manager']);
    expect(readdirSync(join(dir, 'trade-executor/risk_public_keys'))).toHaveLength(2);
    expect(text('risk-manager/risk_signing_key')).toBe(text('risk_signing_key'));
    rotate(['risk_signing_key', '--finish']);
    const after = readdirSync(join(dir, 'trade-executor/risk_public_keys'));
    expect(after).toHaveLength(1);
    expect(after).not.toEqual([before]);
  });

  it.each([
    ['admin_token', 8],
    ['alerts_token', 1],
  ])('restarts who holds %s itself, where there is no edge, and says what counts', (name, services) => {
    const { status, said } = rotate([name], { accessControl: 'token' });
    expect([status, said]).toEqual([0, expect.stringContaining('the old value counts no more')]);
    expect(done().filter((step) => /^restart [a-z-]+$/.test(step))).toHaveLength(services);
    expect(text(`development/${name}`)).toBe(text(name));
  });

  it('ends by itself after --overlap', () => {
    expect(rotate(['admin_token', '--overlap', '0s']).said).toMatch(/only the new value counts/);
    expect(text('orchestrator/admin_token_hashes')).toBe(sha256(text('admin_token')));
  });

  it.each([
    ['killed before anything is accepted', 1],
    ['killed before the new value is used', 2],
  ])('goes on with the same value when it was %s', (_, at) => {
    hands(`[[ $(wc -l <"${folder}/done") != ${at} ]] || kill -9 $PPID`);
    rotate(['redis_password_risk-manager']);
    const next = existsSync(join(dir, 'redis_password_risk-manager.next'));
    const value = text(`redis_password_risk-manager${next ? '.next' : ''}`);
    if (next) expect(rotate(['redis_password_risk-manager', '--finish']).said).toMatch(/was cut before/);
    hands('exit 0');
    expect(rotate(['redis_password_risk-manager']).status).toBe(0);
    expect(text('redis_password_risk-manager')).toBe(value);
    expect(new URL(text('risk-manager/redis_url')).password).toBe(value);
    expect(done().at(-1)).toBe('restart risk-manager');
    expect(rotate(['redis_password_risk-manager', '--finish']).status).toBe(0);
  });

  it('does not end the old value before its user has the new one', () => {
    hands('[[ "$1" != restart ]]');
    const name = 'redis_password_risk-manager';
    expect(rotate([name]).status).toBe(1);
    const cut = expect.stringContaining('cut before everybody used the new value');
    expect(rotate(['--status']).said).toEqual(cut);
    const passwords = () =>
      text('redis/users.acl')
        .split('\n')
        .find((line) => line.startsWith('user risk-manager'));
    const both = passwords();
    expect(rotate([name, '--finish'])).toEqual({ status: 1, said: cut });
    expect(passwords()).toBe(both);
    hands('exit 0');
    expect([rotate([name]).status, rotate([name, '--finish']).status]).toEqual([0, 0]);
    expect(rotate(['--status']).said.trim()).toBe('no rotation is under way');
  });

  it('says which step failed, and keeps the old value counting', () => {
    hands('[[ $1 != restart ]]');
    const old = text('redis_password_risk-manager');
    const { status, said } = rotate(['redis_password_risk-manager']);
    expect([status, said]).toEqual([
      1,
      expect.stringMatching(/restart risk-manager failed[\s\S]*same words again/),
    ]);
    expect(text('redis/users.acl')).toContain(sha256(old));
  });

  it('takes a vendor’s value from standard input, and asks for it', () => {
    expect(rotate(['slack_bot_token']).said).toMatch(/comes from the vendor[\s\S]*--value FILE/);
    expect(rotate(['slack_bot_token', '--value', '-'], { input: 'xoxb-of-slack\r\n' }).status).toBe(0);
    expect(readFileSync(join(dir, 'notification-manager/slack_bot_token'), 'utf8')).toBe('xoxb-of-slack');
    expect(done()).toEqual(['restart notification-manager', 'restart slack-mcp-server']);
    expect(rotate(['slack_bot_token', '--finish']).said).toMatch(/has no overlap/);
  });

  it('exchanges key and secret of an exchange together', () => {
    expect(rotate(['paper_venue_api']).status).toBe(0);
    expect(text('trade-executor/venue_api_key')).toBe(text('exchange-simulator/api_key'));
    expect(text('trade-executor/venue_api_secret')).toBe(text('exchange-simulator/api_secret'));
    expect(rotate(['venue_api', '--value', '-'], { input: 'only-a-key\n' }).said).toMatch(/takes two lines/);
    expect(rotate(['venue_api', '--value', '-'], { input: 'a-key\na-secret\n' }).status).toBe(0);
    expect([text('venue_api_key'), text('venue_api_secret')]).toEqual(['a-key', 'a-secret']);
  });

  it('tells Postgres the administrator’s new password before anybody uses it', () => {
    hands(`[[ $1 != admin-password ]] || cat >"${folder}/sql"`);
    rotate(['postgres_password']);
    expect(readFileSync(join(folder, 'sql'), 'utf8')).toBe(
      `ALTER ROLE "fleet_admin" PASSWORD '${text('postgres_password')}';\n`,
    );
    expect(new URL(text('migrate/admin_url')).password).toBe(text('postgres_password'));
  });

  it('signs everybody out with a new cookie secret', () => {
    expect(rotate(['oauth2_cookie_secret']).said).toMatch(/everybody signs in again/);
    expect(done()).toEqual(['restart oauth2-proxy']);
  });

  it.each([
    [['nothing'], /nothing is no secret that can be rotated/],
    [['edge_secret_nobody'], /nobody is no service/],
    [['redis_password_nobody'], /nobody is no user of Redis/],
    [['service_secret_orchestrator'], /orchestrator asks no other service/],
    [['admin_token', 'mcp_token'], /one secret at a time/],
    [['admin_token', '--overlap', 'soon'], /--overlap takes a time/],
    [['--ready'], /unknown option --ready/],
    [[], /which secret\?/],
  ])('refuses %j', (args, words) => {
    expect(rotate(args)).toMatchObject({ status: 1, said: expect.stringMatching(words) as string });
  });
});
