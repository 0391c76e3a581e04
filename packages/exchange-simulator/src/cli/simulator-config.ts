import { parseArgs } from 'node:util';
import {
  ConfigError,
  type ConfigFault,
  type Environment,
  envInteger,
  loadConfig,
} from '@fleet/shared/config';
import { LOG_LEVELS } from '@fleet/shared/telemetry';
import { z } from 'zod';
import { speedSchema } from '../control/speed.ts';
import { PAPER_KEY } from '../start-simulator.ts';

const port = envInteger({ min: 0, max: 65_535 });

/** The environment's settings; each can be given as a secret file (`<NAME>_FILE`). */
const environmentSchema = z.object({
  /** The public side; in a container 0.0.0.0. */
  HOST: z.string().trim().min(1).default('127.0.0.1'),
  PORT: port.default(7100),
  /** The control API needs no key: keep it on the loopback, or on a network that only the replay driver is on. */
  CONTROL_HOST: z.string().trim().min(1).default('127.0.0.1'),
  CONTROL_PORT: port.default(7101),
  SIMULATOR_API_KEY: z.string().min(1).max(128).default(PAPER_KEY.key),
  SIMULATOR_API_SECRET: z.string().min(1).max(512).default(PAPER_KEY.secret),
  SIMULATOR_JOURNAL: z.string().trim().min(1).optional(),
  CONFIG_DIR: z.string().trim().min(1).default('config'),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
});

const time = z
  .string()
  .refine(
    (text) => Number.isFinite(Date.parse(text)),
    'must be a date such as 2024-08-01 or 2024-08-01T12:00Z',
  )
  .transform((text) => Date.parse(text));

const flagsSchema = z.strictObject({
  candles: z.array(z.string().min(1)).max(200).default([]),
  seed: z.string().min(1).max(100).default('1'),
  symbols: z
    .string()
    .default('BTCUSDT,ETHUSDT')
    .transform((text) => text.split(',').map((symbol) => symbol.trim())),
  interval: z.string().default('1m'),
  from: time.optional(),
  to: time.optional(),
  history: envInteger({ min: 0, max: 50_000 }).default(1_440),
  speed: speedSchema.optional(),
  journal: z.string().min(1).optional(),
  fresh: z.boolean().default(false),
});

export type SimulatorConfig = Readonly<z.output<typeof environmentSchema>> &
  Readonly<z.output<typeof flagsSchema>>;

const OPTIONS = {
  candles: { type: 'string', multiple: true },
  seed: { type: 'string' },
  symbols: { type: 'string' },
  interval: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  history: { type: 'string' },
  speed: { type: 'string' },
  journal: { type: 'string' },
  fresh: { type: 'boolean' },
} as const;

/**
 * Flags and environment, read once. Positional arguments are candle files too.
 * @throws ConfigError with every fault.
 */
export function readConfig(args: readonly string[], env: Environment): SimulatorConfig {
  const environment = loadConfig(environmentSchema, { env, prefix: 'SIMULATOR_' });
  const { values, positionals } = parsed(args);
  const flags = flagsSchema.safeParse({ ...values, candles: [...(values.candles ?? []), ...positionals] });
  if (flags.success) return { ...environment, ...flags.data };
  const faults = flags.error.issues.map(
    (issue): ConfigFault => ({ name: `--${issue.path.join('.')}`, problem: issue.message }),
  );
  throw new ConfigError('flags', faults);
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    const known = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new ConfigError('flags', [{ name: 'flags', problem, action: `known are ${known.join(', ')}` }]);
  }
}
