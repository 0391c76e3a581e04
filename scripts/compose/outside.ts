import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const PORT = 443;

/** An address beyond this machine's own, where something listens. */
export interface Outside {
  /** `ip:port`; empty where this user may not make one. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * A network namespace behind a veth pair, which this machine routes to: to a container it is as far as the internet. An
 * address of this machine would not do: the engine lets internal networks reach those.
 */
export async function openOutside(mark: string): Promise<Outside> {
  if (process.getuid?.() !== 0) return { address: '', close: async () => {} };
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
  const script = `require('node:net').createServer((socket) => socket.end()).listen(${PORT}, '0.0.0.0');`;
  // `ip` becomes the program that it starts.
  const listener = spawn('ip', ['netns', 'exec', space, process.execPath, '--eval', script], {
    stdio: 'ignore',
  });
  return {
    address: `${far}:${PORT}`,
    close: async () => {
      listener.kill();
      await ip('link', 'del', here);
      await ip('netns', 'del', space);
    },
  };
}
