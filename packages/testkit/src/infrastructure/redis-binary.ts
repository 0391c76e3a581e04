import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { InfrastructureError } from './infrastructure-error.ts';
import { localFolder } from './local-folder.ts';
import { installRedisPackage, unpackRedis } from './redis-install.ts';

const run = promisify(execFile);
const MAJOR_MIN = 7;

export interface RedisBinary {
  readonly server: string;
  readonly version: string;
  /** What the program needs in its environment: the library path, when it was unpacked and not installed. */
  readonly env: Readonly<Record<string, string>>;
}

export interface EnsureRedisOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Where an unpacked Redis lives. Default `.local/redis` of the checkout. */
  readonly unpackedDir?: string;
  /** Told what is being done, one line at a time. */
  readonly onProgress?: (line: string) => void;
}

/**
 * A `redis-server` >= 7: from the PATH, or unpacked earlier, or unpacked now from the distribution's packages (needs
 * no root and installs nothing globally), or, where that fails and this is root, installed by apt.
 * @throws InfrastructureError when none of these works.
 */
export async function ensureRedis(options: EnsureRedisOptions = {}): Promise<RedisBinary> {
  const env = options.env ?? process.env;
  const dir = options.unpackedDir ?? join(localFolder, 'redis');
  const progress = options.onProgress ?? (() => undefined);
  return (
    (await findOnPath(env)) ??
    (await findUnpacked(dir)) ??
    (await obtain(
      () => unpackRedis(dir, progress),
      () => findUnpacked(dir),
      progress,
    )) ??
    (await obtain(
      () => installRedisPackage(progress),
      () => findOnPath(env),
      progress,
    )) ??
    giveUp()
  );
}

function giveUp(): never {
  throw new InfrastructureError(
    `no redis-server >= ${MAJOR_MIN} found, and none could be installed`,
    `install redis-server ${MAJOR_MIN} or newer, or set REDIS_URL to a running one; without root, apt-get must reach a package mirror`,
  );
}

async function obtain(
  install: () => Promise<void>,
  find: () => Promise<RedisBinary | undefined>,
  progress: (line: string) => void,
): Promise<RedisBinary | undefined> {
  try {
    await install();
    return await find();
  } catch (error) {
    progress(`redis: ${(error as Error).message}`);
    return undefined;
  }
}

async function findOnPath(env: NodeJS.ProcessEnv): Promise<RedisBinary | undefined> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const found = await probe(join(folder, 'redis-server'), {});
    if (found !== undefined) return found;
  }
  return undefined;
}

function findUnpacked(dir: string): Promise<RedisBinary | undefined> {
  const library = (folder: string) =>
    ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((triplet) => join(dir, folder, triplet));
  const path = [...library('usr/lib'), ...library('lib')].filter((folder) => existsSync(folder));
  return probe(join(dir, 'usr/bin/redis-server'), { LD_LIBRARY_PATH: path.join(delimiter) });
}

/** Undefined when it is not there, does not run (a library is missing), or is too old. */
async function probe(server: string, env: Record<string, string>): Promise<RedisBinary | undefined> {
  if (!existsSync(server)) return undefined;
  try {
    const { stdout } = await run(server, ['--version'], { env: { ...process.env, ...env } });
    const version = /v=(\d+(?:\.\d+)*)/.exec(stdout)?.[1];
    if (version === undefined || Number.parseInt(version, 10) < MAJOR_MIN) return undefined;
    return { server, version, env };
  } catch {
    return undefined;
  }
}
