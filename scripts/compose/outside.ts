import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const PORT = 443;

/** A network namespace behind a veth pair: to a container it is as far as the internet. */
export interface Space {
  readonly name: string;
  /** IPv4 of the pair's end on this machine, and of the one inside. */
  readonly near: string;
  readonly far: string;
  close(): Promise<void>;
}

/** Undefined where this user may not make one. */
export async function openSpace(mark: string): Promise<Space | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const ip = async (...args: string[]) => void (await promisify(execFile)('ip', args));
  const [space, here] = [`fr-${mark}`, `fr${mark}`];
  const third = Number.parseInt(mark.slice(0, 2), 16);
  const [near, far] = [`198.18.${third}.1`, `198.18.${third}.2`];
  await ip('netns', 'add', space);
  await ip('link', 'add', here, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space);
  await ip('addr', 'add', `${near}/30`, 'dev', here);
  await ip('link', 'set', here, 'up');
  await ip('-n', space, 'addr', 'add', `${far}/30`, 'dev', 'eth0');
  await ip('-n', space, 'link', 'set', 'eth0', 'up');
  await ip('-n', space, 'route', 'add', 'default', 'via', near);
  return {
    ...{ name: space, near, far },
    close: async () => {
      await ip('link', 'del', here);
      await ip('netns', 'del', space);
    },
  };
}

/** An address beyond this machine's own, where something listens. */
export interface Outside {
  /** `ip:port`; empty where this user may not make one. */
  readonly address: string;
  close(): Promise<void>;
}

/** An address of this machine would not do: the engine lets internal networks reach those. */
export async function openOutside(mark: string): Promise<Outside> {
  const space = await openSpace(mark);
  if (space === undefined) return { address: '', close: async () => {} };
  const script = `require('node:net').createServer((socket) => socket.end()).listen(${PORT}, '0.0.0.0');`;
  // `ip` becomes the program that it starts.
  const listener = spawn('ip', ['netns', 'exec', space.name, process.execPath, '--eval', script], {
    stdio: 'ignore',
  });
  return {
    address: `${space.far}:${PORT}`,
    close: async () => {
      listener.kill();
      await space.close();
    },
  };
}
