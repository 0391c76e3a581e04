import { join, resolve } from 'node:path';

/** The folder of one fleet on this machine: everything that it keeps, writes and must find again after a cut. */
export interface FleetHome {
  readonly dir: string;
  readonly redis: string;
  readonly postgres: string;
  /** Journals of the simulated exchange. */
  readonly simulator: string;
  readonly secrets: string;
  readonly logs: string;
  readonly pids: string;
  /** The configuration of this run, where it differs from the checkout's. */
  readonly config: string;
  /** Addresses for `scripts/ops_cli.js`. */
  readonly stateFile: string;
  /** Which market the run trades. */
  readonly marketFile: string;
  readonly runnerFile: string;
}

export function fleetHome(dir: string): FleetHome {
  const root = resolve(dir);
  return {
    dir: root,
    redis: join(root, 'redis'),
    postgres: join(root, 'postgres'),
    simulator: join(root, 'simulator'),
    secrets: join(root, 'secrets'),
    logs: join(root, 'logs'),
    pids: join(root, 'pids'),
    config: join(root, 'config'),
    stateFile: join(root, 'state.json'),
    marketFile: join(root, 'market.json'),
    runnerFile: join(root, 'runner.pid'),
  };
}
