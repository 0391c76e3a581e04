import type { z } from 'zod';
import type { ConfigFault } from './config-error.ts';
import { ConfigError } from './config-error.ts';
import { didYouMean, editDistance } from './did-you-mean.ts';
import { readSecretFile } from './secret-file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadConfigOptions {
  /** `process.env` when absent. */
  readonly env?: Environment;
  /** Names that begin with one of these and that the schema does not know are refused, e.g. `RISK_`. */
  readonly prefix?: string | readonly string[];
}

const FILE_SUFFIX = '_FILE';
/** Shorter names are one letter from too many variables of other programs. */
const NEAR_MISS_CHARACTERS_MIN = 8;

/**
 * The environment, parsed once. `<NAME>_FILE` names a file that holds the value of NAME. An empty variable counts
 * as absent (Compose's `${NAME:-}`). Throws one ConfigError with every fault.
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  options: LoadConfigOptions = {},
): Readonly<z.output<Schema>> {
  const env = options.env ?? process.env;
  const names = Object.keys(schema.shape);
  const faults: ConfigFault[] = [...unknownNames(env, names, prefixList(options.prefix))];
  const values = readValues(env, names, faults);
  const parsed = schema.safeParse(values);
  if (!parsed.success) faults.push(...schemaFaults(parsed.error.issues, values, faults));
  if (!parsed.success || faults.length > 0) throw new ConfigError('environment', faults);
  return Object.freeze(parsed.data);
}

function prefixList(prefix: LoadConfigOptions['prefix']): readonly string[] {
  if (prefix === undefined) return [];
  return typeof prefix === 'string' ? [prefix] : prefix;
}

function readValues(
  env: Environment,
  names: readonly string[],
  faults: ConfigFault[],
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name of names) {
    const direct = given(env[name]);
    const path = name.endsWith(FILE_SUFFIX) ? undefined : given(env[`${name}${FILE_SUFFIX}`]);
    if (direct !== undefined && path !== undefined) faults.push(bothSet(name));
    const value = path === undefined || direct !== undefined ? direct : fromFile(name, path, faults);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function given(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}

function bothSet(name: string): ConfigFault {
  return { name, problem: `${name} and ${name}${FILE_SUFFIX} are both set`, action: 'keep one of them' };
}

function fromFile(name: string, path: string, faults: ConfigFault[]): string | undefined {
  const read = readSecretFile(name, path);
  if ('value' in read) return read.value;
  faults.push({ name: `${name}${FILE_SUFFIX}`, ...read.fault });
  return undefined;
}

function unknownNames(
  env: Environment,
  names: readonly string[],
  prefixes: readonly string[],
): ConfigFault[] {
  const known = new Set(names.flatMap((name) => [name, `${name}${FILE_SUFFIX}`]));
  return Object.keys(env).flatMap((name) => {
    if (known.has(name) || given(env[name]) === undefined) return [];
    const ours = prefixes.some((prefix) => name.startsWith(prefix));
    if (!ours && !isNearMiss(name, names)) return [];
    const meant = didYouMean(name, known);
    const action = meant === undefined ? 'remove it' : `did you mean ${meant}?`;
    return [{ name, problem: 'is not a setting of this service', action }];
  });
}

/** `TRADING_MOD=live` must not pass as "not set". */
function isNearMiss(name: string, names: readonly string[]): boolean {
  return names.some((known) => known.length >= NEAR_MISS_CHARACTERS_MIN && editDistance(name, known) === 1);
}

function schemaFaults(
  issues: readonly z.core.$ZodIssue[],
  values: Record<string, string>,
  earlier: readonly ConfigFault[],
): ConfigFault[] {
  // A value whose file could not be read is already on the list: "required" beside it would mislead.
  const unread = new Set(earlier.map(({ name }) => name));
  return issues.flatMap((issue) => {
    const name = String(issue.path[0] ?? 'environment');
    const got = values[name];
    if (got === undefined && (unread.has(name) || unread.has(`${name}${FILE_SUFFIX}`))) return [];
    if (got !== undefined) return [{ name, problem: issue.message, got, action: `correct ${name}` }];
    const absent = issue.code === 'invalid_type' ? 'is required and not set' : issue.message;
    return [{ name, problem: absent, action: `set ${name} or ${name}${FILE_SUFFIX}` }];
  });
}
