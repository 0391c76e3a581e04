import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const APT_TIMEOUT_MS = 300_000;
// The two packages and what a minimal Debian or Ubuntu lacks of their libraries.
const ALWAYS_UNPACKED = ['redis-server', 'redis-tools', 'liblzf1', 'libjemalloc2'];

/**
 * Fetches redis-server and the libraries this machine lacks with apt, in folders of its own (so it needs no root),
 * and unpacks them into `dir`. Nothing outside `dir` changes. An unpacking that was cut leaves no `dir`.
 */
export async function unpackRedis(dir: string, progress: (line: string) => void): Promise<void> {
  await mkdir(dirname(dir), { recursive: true });
  const work = await mkdtemp(`${dir}.unpacking-`);
  try {
    const options = await ownAptFolders(work);
    progress('redis: reading the package lists (apt-get update, in a folder of its own)');
    await apt([...options, 'update']);
    progress('redis: fetching redis-server and its libraries');
    await download(options, work);
    const root = join(work, 'root');
    for (const file of await packagesIn(work)) await run('dpkg', ['-x', file, root]);
    await rm(dir, { recursive: true, force: true });
    await rename(root, dir);
    progress(`redis: unpacked into ${dir}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Root only: installs the distribution's package. */
export async function installRedisPackage(progress: (line: string) => void): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('not root, so apt-get install is not tried');
  progress('redis: apt-get install redis-server');
  await apt(['update']);
  await apt(['install', '-y', '--no-install-recommends', 'redis-server']);
}

async function ownAptFolders(work: string): Promise<string[]> {
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'root']) {
    await mkdir(join(work, folder), { recursive: true });
  }
  return [
    ['Dir::State', join(work, 'state')],
    ['Dir::State::status', '/var/lib/dpkg/status'],
    ['Dir::Cache', join(work, 'cache')],
    ['Debug::NoLocking', 'true'],
    ['APT::Sandbox::User', ''], // root would drop to a user who may not enter these folders
    ['Acquire::Retries', '3'],
  ].flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** `install --download-only` works out which libraries this machine lacks; the fixed list covers where it cannot. */
async function download(options: readonly string[], work: string): Promise<void> {
  const install = ['install', '-y', '--download-only', '--no-install-recommends', 'redis-server'];
  await apt([...options, ...install]).catch(() => undefined);
  const fetched = (await packagesIn(work)).map((file) => file.split('/').at(-1) ?? '');
  const missing = ALWAYS_UNPACKED.filter((name) => !fetched.some((file) => file.startsWith(`${name}_`)));
  if (missing.length > 0) {
    await apt([...options, 'download', ...missing], join(work, 'cache/archives'));
  }
}

async function packagesIn(work: string): Promise<string[]> {
  const folder = join(work, 'cache/archives');
  return (await readdir(folder)).filter((name) => name.endsWith('.deb')).map((name) => join(folder, name));
}

async function apt(args: readonly string[], cwd = '/'): Promise<void> {
  try {
    await run('apt-get', ['-q', ...args], {
      cwd,
      timeout: APT_TIMEOUT_MS,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    const said = stderr.split('\n').findLast((line) => line.startsWith('E:')) ?? message.split('\n')[0];
    throw new Error(`apt-get ${args.at(-1)} failed: ${said}`, { cause: error });
  }
}
