/** What every placeholder listens on. */
export const PORT = 7999;
const CONNECT_MS = 1_500;

const LISTENER = `require('node:net').createServer((socket) => socket.end()).listen(${PORT}, '0.0.0.0');`;

/** A container that listens, on the networks of another. */
export function placeholder(networks: unknown): object {
  return {
    image: 'node:24.21.0-bookworm-slim',
    entrypoint: ['node', '--max-old-space-size=32', '--eval', LISTENER],
    user: '65534:65534',
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    mem_limit: '96m',
    pids_limit: 64,
    networks,
  };
}

export interface ProbeTask {
  readonly targets: Readonly<Record<string, readonly string[]>>;
  /** `ip:port` of a listener that only a way out leads to; empty when there is none. */
  readonly outside: string;
}

/** Prints which targets are reached at any address, and whether there is a way out; runs inside a placeholder. */
export function probeScript(task: ProbeTask): string {
  return `
    const { connect } = require('node:net');
    const { targets, outside } = ${JSON.stringify(task)};
    const opens = (address) => new Promise((resolve) => {
      const [host, port] = address.split(':');
      const socket = connect({ host, port: Number(port) });
      const end = (open) => { socket.destroy(); resolve(open); };
      socket.setTimeout(${CONNECT_MS}, () => end(false)).once('connect', () => end(true)).once('error', () => end(false));
    });
    (async () => {
      const reached = [];
      await Promise.all(Object.entries(targets).map(async ([name, list]) => {
        if ((await Promise.all(list.map(opens))).includes(true)) reached.push(name);
      }));
      console.log(JSON.stringify({ reached, out: outside === '' ? null : await opens(outside) }));
    })();`;
}
