import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SERVICE_NAMES, SERVICES } from './fleet/services.ts';

const SCRIPT = join(import.meta.dirname, 'init-secrets');
const CONTAINERS = [
  ...[
    'redis',
    'postgres',
    'migrate',
    'render',
    'exchange-simulator',
    'oauth2-proxy',
    'prometheus',
    'grafana',
  ],
  ...['alertmanager', 'redis-exporter', 'postgres-exporter', 'backup', 'slack-mcp-server', 'development'],
];
const isRoot = process.getuid?.() === 0;
/** As an ordinary user without Docker, whoever runs the tests. */
const ORDINARY = isRoot ? ['setpriv', '--reuid=12345', '--regid=12345', '--clear-groups'] : [];

interface Compose {
  readonly services: Readonly<Record<string, { user?: string; volumes?: readonly unknown[] }>>;
}

let folder: string;
let dir: string;
/** What one run made of an empty folder: each test that only needs it has a copy. */
let template: string;

function emptyFolder(): void {
  folder = mkdtempSync(join(tmpdir(), 'init-secrets-'));
  dir = join(folder, 'secrets');
  mkdirSync(dir);
  if (!isRoot) return;
  chmodSync(folder, 0o755);
  chownSync(dir, 12_345, 12_345);
}
beforeAll(() => {
  emptyFolder();
  template = folder;
  // Without root and without Docker it says that owners are left to do: that is tested below.
  expect(run().status).toBe(isRoot ? 0 : 1);
});
afterAll(() => rmSync(template, { recursive: true, force: true }));
beforeEach(emptyFolder);
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** With owners and modes. */
const copyMade = (): unknown => execFileSync('cp', ['-a', `${template}/secrets/.`, dir]);

function run(...as: string[]): { status: number | null; said: string } {
  const [command, ...rest] = [...as, SCRIPT, '--dir', dir];
  const env = { ...process.env, DOCKER_HOST: 'unix:///nonexistent/docker.sock' };
  const { status, stdout, stderr } = spawnSync(command, rest, { env, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}

const text = (name: string): string => readFileSync(join(dir, name), 'utf8').trim();
const raw = (name: string): string => readFileSync(join(dir, name), 'utf8');
const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex');
const everything = (folder: string): string[] =>
  (readdirSync(folder, { recursive: true }) as string[]).sort();
const files = (): string[] => everything(dir).filter((path) => statSync(join(dir, path)).isFile());
const contents = (): Record<string, string> =>
  Object.fromEntries(
    files()
      .filter((path) => !path.includes('/'))
      .map((name) => [name, text(name)]),
  );
const folderContents = (): Record<string, string> =>
  Object.fromEntries(
    files()
      .filter((path) => path.includes('/'))
      .map((name) => [name, raw(name)]),
  );

/** The key id: the first 16 digits of the SHA-256 of the raw key. */
function publicKeyFile(key: KeyObject): string {
  const bytes = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
  return `trade-executor/risk_public_keys/${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.pem`;
}

/** As oauth2-proxy reads it: base64 of the URL alphabet when that gives a key's length, else the bytes themselves. */
function bytesForProxy(secret: string): number {
  const decoded = /^[\w-]+=*$/.test(secret) ? Buffer.from(secret, 'base64url').length : 0;
  return [16, 24, 32].includes(decoded) ? decoded : Buffer.byteLength(secret);
}

describe('scripts/init-secrets', () => {
  it('makes a folder for each container, which nobody else can read', () => {
    copyMade();
    const folders = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name)).toEqual([...CONTAINERS, ...SERVICE_NAMES].sort());
    const modes = everything(dir)
      .filter((path) => path.includes('/'))
      .map((path) => [statSync(join(dir, path)).isDirectory(), statSync(join(dir, path)).mode & 0o777]);
    for (const [isFolder, mode] of modes) expect(mode).toBe(isFolder === true ? 0o700 : 0o400);
    for (const { name } of folders) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o700);
  });

  it('gives each container of the compose files its folder, for the user that it runs as', () => {
    const root = join(import.meta.dirname, '..');
    const library = readFileSync(join(root, 'scripts/lib/secrets.sh'), 'utf8');
    const words = /FOLDERS='([^']+)'/.exec(library)?.[1]?.split(/\s+/) ?? [];
    const owners = new Map(words.map((word) => word.split(':') as [string, string]));
    for (const name of SERVICE_NAMES) owners.set(name, '1000');
    const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), {
      merge: true,
    }) as Compose;
    const mounted = Object.entries(services).flatMap(([, { user, volumes = [] }]) =>
      volumes.flatMap((volume) => {
        const folderName = /^\$\{SECRETS_DIR:-\.\/secrets\}\/(.+)$/.exec(
          (volume as { source?: string }).source ?? '',
        )?.[1];
        return folderName === undefined ? [] : [[folderName, user?.split(':')[0]] as const];
      }),
    );
    expect(mounted.length).toBeGreaterThan(15);
    for (const [name, uid] of mounted) expect([name, owners.get(name)]).toEqual([name, uid]);
  });

  it('keeps the admin token itself from a host that leaves the override out', () => {
    spawnSync(SCRIPT, ['--dir', dir, '--keep-owner'], {
      env: { ...process.env, COMPOSE_FILE: 'docker-compose.yml' },
    });
    expect(readdirSync(join(dir, 'development'))).toEqual([]);
    run();
    expect(readdirSync(join(dir, 'development'))).toEqual(['admin_token', 'alerts_token']);
  });

  it('gives each service addresses of its own, for the role and user that the stores know', () => {
    copyMade();
    for (const { name, schema } of SERVICES) {
      const database = new URL(text(`${name}/database_url`));
      expect([database.username, database.host]).toEqual([`fleet_${schema}_a`, 'postgres:5432']);
      expect(text(`migrate/${name}_database_url`)).toBe(database.href);
      const redis = new URL(text(`${name}/redis_url`));
      expect(text('redis/users.acl')).toContain(`user ${name} on #${sha256(redis.password)} `);
    }
    const passwords = SERVICES.map(({ name }) => new URL(text(`${name}/database_url`)).password);
    expect(new Set(passwords).size).toBe(SERVICES.length);
    expect(new URL(text('migrate/admin_url')).password).toBe(text('postgres_password'));
    expect(text('redis/users.acl')).toMatch(/^user default off resetpass ~\* &\* \+@all$/m);
  });

  it('gives services hashes of what is sent to them, and callers what they send', () => {
    copyMade();
    for (const { name } of SERVICES) {
      expect(text(`${name}/admin_token_hashes`)).toBe(sha256(text('admin_token')));
      expect(text(`${name}/edge_secret_hashes`)).toBe(sha256(text(`edge_secret_${name}`)));
      expect(text(`${name}/edge_admin_secret_hashes`)).toBe(sha256(text('edge_admin_secret')));
      expect(text(`render/edge_secret_${name}`)).toBe(text(`edge_secret_${name}`));
    }
    expect(text('market-analyst/service_secret_hashes').split('\n')).toEqual([
      `${sha256(text('mcp-hub-controller/service_secret'))} mcp-hub-controller viewer`,
      `${sha256(text('parameter-optimizer/service_secret'))} parameter-optimizer viewer`,
    ]);
    expect(text('risk-manager/service_secret_hashes')).not.toContain('parameter-optimizer');
    expect(text('notification-manager/alerts_token_hashes')).toBe(sha256(text('alertmanager/alerts_token')));
  });

  it('takes secrets as people make them: newline, CRLF, byte order mark, any mode', () => {
    const given = {
      admin_token: 'an-admin-token-of-mine-123\r\n',
      postgres_password: '\uFEFFp@ss/word \n\n',
      slack_bot_token: '  xoxb-made-up\n',
      slack_signing_secret: 'made-up-signing\r\n',
      oauth2_client_id: 'the-client\n',
      oauth2_client_secret: 'the-client-secret\n',
    };
    for (const [name, content] of Object.entries(given))
      writeFileSync(join(dir, name), content, { mode: 0o644 });
    run();
    expect(raw('trade-executor/admin_token_hashes')).toBe(`${sha256('an-admin-token-of-mine-123')}\n`);
    expect(raw('postgres/postgres_password')).toBe('p@ss/word');
    expect(new URL(raw('migrate/admin_url')).password).toBe('p%40ss%2Fword');
    expect(raw('notification-manager/slack_bot_token')).toBe('xoxb-made-up');
    expect(raw('notification-manager/slack_signing_secret')).toBe('made-up-signing');
    expect(raw('slack-mcp-server/slack_bot_token')).toBe('xoxb-made-up');
    expect(raw('slack-mcp-server/api_key')).toMatch(/^[0-9a-f]{48}$/);
    expect([raw('oauth2-proxy/client_id'), raw('oauth2-proxy/client_secret')]).toEqual([
      'the-client',
      'the-client-secret',
    ]);
    expect(statSync(join(dir, 'slack_bot_token')).mode & 0o777).toBe(0o400);
  });

  it.each([
    ['32 bytes in base64 with a newline', `${Buffer.alloc(32, 0xfb).toString('base64')}\n`, 32],
    ['32 bytes in the URL alphabet', Buffer.alloc(32, 0xfb).toString('base64url'), 32],
    ['24 bytes in base64', Buffer.alloc(24, 0xfe).toString('base64'), 24],
    ['16 characters', '!sixteen-letters\n', 16],
  ])('makes a cookie secret that oauth2-proxy takes of %s', (_, content, bytes) => {
    writeFileSync(join(dir, 'oauth2_cookie_secret'), content);
    run();
    expect(bytesForProxy(raw('oauth2-proxy/cookie_secret'))).toBe(bytes);
    expect(raw('render/oauth2_cookie_secret')).toBe(raw('oauth2-proxy/cookie_secret'));
  });

  it('makes a cookie secret of 32 bytes', () => {
    copyMade();
    expect(bytesForProxy(raw('oauth2-proxy/cookie_secret'))).toBe(32);
  });

  it.each([
    [
      'oauth2_cookie_secret',
      'short',
      /has 5 characters, which are not 16, 24 or 32 bytes[\s\S]*openssl rand -base64 32/,
    ],
    ['admin_token', 'two words are no token', /admin_token has more than one word or line/],
    ['admin_token', '\n', /admin_token is empty[\s\S]*remove it: one is made/],
    ['admin_token', 'tiny', /admin_token has fewer than 16 characters/],
    ['risk_signing_key', 'no key\n', /risk_signing_key is no Ed25519 key/],
  ])('refuses %s that says "%s", and leaves the containers as they were', (name, content, words) => {
    copyMade();
    const before = folderContents();
    chmodSync(join(dir, name), 0o600);
    writeFileSync(join(dir, name), content);
    const { status, said } = run();
    expect([status, said]).toEqual([1, expect.stringMatching(words)]);
    expect(folderContents()).toEqual(before);
  });

  it('keeps the passwords of the earlier layout', () => {
    writeFileSync(
      join(dir, 'risk-manager_database_url'),
      'postgres://fleet_risk:old%2Fone@postgres:5432/fleet\n',
    );
    writeFileSync(join(dir, 'risk-manager_redis_url'), 'redis://risk-manager:older@redis:6379/0\n');
    run();
    const database = new URL(raw('risk-manager/database_url'));
    expect([database.username, database.password]).toEqual(['fleet_risk_a', 'old%2Fone']);
    expect(new URL(raw('risk-manager/redis_url')).password).toBe('older');
  });

  it('lets the value before a rotation count beside the new one', () => {
    copyMade();
    const old = text('edge_secret_orchestrator');
    renameSync(join(dir, 'edge_secret_orchestrator'), join(dir, 'edge_secret_orchestrator.previous'));
    renameSync(join(dir, 'redis_password_orchestrator'), join(dir, 'redis_password_orchestrator.previous'));
    run();
    const made = text('edge_secret_orchestrator');
    expect(text('orchestrator/edge_secret_hashes')).toBe(`${sha256(made)}\n${sha256(old)}`);
    const [next, before] = ['', '.previous'].map((end) => sha256(text(`redis_password_orchestrator${end}`)));
    expect(text('redis/users.acl')).toContain(`user orchestrator on #${next} #${before} `);
  });

  it('removes from a folder what no longer belongs there, and keeps the folder itself', () => {
    copyMade();
    const { ino } = statSync(join(dir, 'trade-executor'));
    writeFileSync(join(dir, 'trade-executor/risk_public_keys/0000000000000000.pem'), 'stale');
    run();
    expect(readdirSync(join(dir, 'trade-executor/risk_public_keys'))).toHaveLength(1);
    expect(statSync(join(dir, 'trade-executor')).ino).toBe(ino);
  });

  it('follows no link that the user of a container has put into its folder', () => {
    copyMade();
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    for (const name of ['first', 'second', 'third'])
      writeFileSync(join(elsewhere, name), 'keep', { mode: 0o600 });
    const link = (name: string, target: string): void => {
      rmSync(join(dir, name), { recursive: true, force: true });
      symlinkSync(join(elsewhere, target), join(dir, name));
    };
    unlinkSync(join(dir, 'orchestrator/redis_url'));
    link('orchestrator/.next', 'first');
    link('orchestrator/database_url', 'second');
    link('orchestrator/unknown', 'third');
    link('trade-executor/risk_public_keys', '.');
    const before = statSync(elsewhere);
    expect(run().status).toBe(0);
    expect(readdirSync(elsewhere).sort()).toEqual(['first', 'second', 'third']);
    for (const name of ['first', 'second', 'third']) {
      const { uid, mode } = statSync(join(elsewhere, name));
      expect([readFileSync(join(elsewhere, name), 'utf8'), uid, mode & 0o777]).toEqual([
        'keep',
        process.getuid?.(),
        0o600,
      ]);
    }
    const after = statSync(elsewhere);
    expect([after.uid, after.mode]).toEqual([before.uid, before.mode]);
    for (const name of ['redis_url', 'database_url'])
      expect(lstatSync(join(dir, 'orchestrator', name)).isFile()).toBe(true);
    expect(lstatSync(join(dir, 'trade-executor/risk_public_keys')).isDirectory()).toBe(true);
    expect(readdirSync(join(dir, 'orchestrator'))).not.toContain('unknown');
  });

  it('makes a pair of keys', () => {
    copyMade();
    const derived = createPublicKey(text('risk_signing_key'));
    expect(derived.asymmetricKeyType).toBe('ed25519');
    expect(derived.export({ type: 'spki', format: 'pem' }).toString().trim()).toBe(
      text(publicKeyFile(derived)),
    );
  });

  it('makes the same without openssl, by node', () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const tools = [
      'bash',
      'sh',
      'env',
      'dirname',
      'readlink',
      'sed',
      'sort',
      'mkdir',
      'chmod',
      'chown',
      'mv',
      'rm',
      'od',
      'cp',
    ];
    for (const tool of [
      ...tools,
      ...[
        'tr',
        'cut',
        'cmp',
        'stat',
        'id',
        'sha256sum',
        'head',
        'tail',
        'cat',
        'base64',
        'basename',
        'mktemp',
        'wc',
        'grep',
      ],
    ])
      symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), join(bin, tool));
    symlinkSync(process.execPath, join(bin, 'node'));
    spawnSync(SCRIPT, ['--dir', dir], { env: { PATH: bin } });
    const derived = createPublicKey(text('risk_signing_key'));
    expect(derived.asymmetricKeyType).toBe('ed25519');
    expect(derived.export({ type: 'spki', format: 'pem' }).toString().trim()).toBe(
      text(publicKeyFile(derived)),
    );
    expect(text('admin_token')).toMatch(/^[0-9a-f]{48}$/);
  });

  it('keeps what is there, and makes again what is not', () => {
    writeFileSync(join(dir, 'admin_token'), 'a-token-of-my-own-0123456789\n', { mode: 0o644 });
    run();
    const before = contents();
    expect(before['admin_token']).toBe('a-token-of-my-own-0123456789');
    unlinkSync(join(dir, 'mcp_token'));
    run();
    const { mcp_token: made, ...rest } = contents();
    const { mcp_token: earlier, ...kept } = before;
    expect(rest).toEqual(kept);
    expect(made).toMatch(/^[0-9a-f]{48}$/);
    expect(made).not.toBe(earlier);
  });

  it('follows a password that somebody changed', () => {
    copyMade();
    const file = join(dir, 'redis_password_risk-manager');
    chmodSync(file, 0o600);
    writeFileSync(file, 'changed\n');
    run();
    const hash = createHash('sha256').update('changed').digest('hex');
    expect(text('redis/users.acl')).toContain(`user risk-manager on #${hash} `);
  });

  it('prints no secret', () => {
    const said = `${run().said}${run().said}`;
    const values = Object.values(contents()).filter((value) => value.length > 1);
    expect(values.length).toBeGreaterThan(20);
    expect(values.filter((value) => said.includes(value))).toEqual([]);
  });

  it('tells an ordinary user what is left to do, and fails', () => {
    const { status, said } = run(...ORDINARY);
    expect(status).toBe(1);
    expect(said).toMatch(/cannot give these folders to the users in the containers[\s\S]*999:postgres/);
    expect(said).toMatch(/what to do: run it once more as root/);
    expect(text('admin_token')).toMatch(/^[0-9a-f]{48}$/);
  });

  it('refuses an argument that it does not know', () => {
    expect(spawnSync(SCRIPT, ['--folder', dir], { encoding: 'utf8' }).stderr).toMatch(
      /unknown argument --folder/,
    );
  });
});

describe.runIf(isRoot)('scripts/init-secrets as root', () => {
  it('gives each folder to the user that reads it, also what an ordinary user made', () => {
    run(...ORDINARY);
    const { status, said } = run();
    expect([status, said]).toEqual([0, expect.stringContaining('owners and modes are right')]);
    const owner = (path: string) => statSync(join(dir, path)).uid;
    const owners = Object.fromEntries(readdirSync(dir).map((name) => [name, owner(name)]));
    expect(owners).toMatchObject({ orchestrator: 1000, render: 1000, migrate: 1000, 'oauth2-proxy': 65_532 });
    expect(owners).toMatchObject({ postgres: 999, redis: 999, prometheus: 65_534, grafana: 472 });
    expect(owner('redis/users.acl')).toBe(999);
    expect(
      readdirSync(join(dir, 'trade-executor/risk_public_keys')).map((name) =>
        owner(`trade-executor/risk_public_keys/${name}`),
      ),
    ).toEqual([1000]);
  });

  it('says to an ordinary user that what others own cannot be read', () => {
    copyMade();
    chownSync(join(dir, 'admin_token'), 0, 0);
    const { status, said } = run(...ORDINARY);
    expect([status, said]).toEqual([
      1,
      expect.stringMatching(/belong to another user: .*admin_token[\s\S]*sudo/),
    ]);
  });
});
