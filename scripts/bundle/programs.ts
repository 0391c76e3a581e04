import { SERVICES } from '../fleet/services.ts';

/** A program that gets an image of its own. Paths are from the root of the checkout. */
export interface Program {
  readonly name: string;
  readonly main: string;
  /** Folders that it reads at run time. They keep their paths, below the folder of the bundle. */
  readonly folders: readonly string[];
  /** Commands for people in the container, each a file of its own beside `main.js`. */
  readonly tools?: readonly string[];
}

/** The eight services, the simulator, and the one-shots before them: database and configuration. */
export const PROGRAMS: readonly Program[] = [
  ...SERVICES.map(({ name }) => ({
    name,
    main: `services/${name}/src/main.ts`,
    folders: ['config'],
    // Where the break-glass socket is.
    tools: name === 'orchestrator' ? ['scripts/ops_cli.js'] : [],
  })),
  { name: 'exchange-simulator', main: 'packages/exchange-simulator/src/main.ts', folders: ['config'] },
  {
    name: 'migrate',
    main: 'scripts/migrate.ts',
    folders: ['packages/shared/migrations', ...SERVICES.map(({ name }) => `services/${name}/migrations`)],
  },
  { name: 'render', main: 'scripts/render.ts', folders: ['config'] },
];

/** Asks a running program for its health; lies beside each of them. */
export const HEALTHCHECK = 'scripts/container-healthcheck.ts';
