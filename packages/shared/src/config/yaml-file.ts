import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { ConfigError, type ConfigFault } from './config-error.ts';
import { didYouMean } from './did-you-mean.ts';
import { unknownKeys } from './unknown-keys.ts';

type Path = readonly PropertyKey[];

const BYTES_MAX = 4 * 1024 * 1024;
const ALIASES_MAX = 100;

/**
 * A YAML file by its schema. Keys that the schema does not know are refused at every depth, as are duplicated keys.
 * Throws one ConfigError with every fault, each with its line.
 */
export function loadYaml<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> {
  return parseYaml(readText(path), schema, path);
}

/** As `loadYaml`, from text; `source` stands in the faults for the file's name. */
export function parseYaml<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  source: string,
): z.output<Schema> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true });
  if (document.errors.length > 0) {
    throw new ConfigError(
      source,
      document.errors.map((error) => ({
        name: `${source}:${error.linePos?.[0].line ?? 1}`,
        problem: `is not valid YAML: ${error.message.split('\n')[0]?.replace(/ at line \d+.*$/, '')}`,
        action: 'correct the line',
      })),
    );
  }
  const value = plainValue(document, source);
  const lineOf = (at: Path): number => lineAt(document, lines, at);
  const parsed = schema.safeParse(value);
  const faults = [
    ...unknownFaults(schema, value, source, lineOf),
    ...issueFaults(parsed, value, source, lineOf),
  ];
  if (!parsed.success || faults.length > 0) throw new ConfigError(source, faults);
  return parsed.data;
}

/** An alias without its anchor, or aliases that unpack to more than the memory holds, show themselves only here. */
function plainValue(document: ReturnType<typeof parseDocument>, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    const problem = `cannot be unpacked: ${(error as Error).message}`;
    throw new ConfigError(source, [
      { name: source, problem, action: 'write the values out instead of aliases' },
    ]);
  }
}

function readText(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    const problem = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new ConfigError(path, [{ name: path, problem, action: 'create the file, or correct CONFIG_DIR' }]);
  }
  if (text.length > BYTES_MAX) {
    throw new ConfigError(path, [
      { name: path, problem: `is larger than ${BYTES_MAX} bytes`, action: 'name the right file' },
    ]);
  }
  return text;
}

function unknownFaults(
  schema: z.ZodType,
  value: unknown,
  source: string,
  lineOf: (at: Path) => number,
): ConfigFault[] {
  return unknownKeys(schema, value).map(({ path, known }) => {
    const meant = didYouMean(String(path.at(-1)), known);
    const action = meant === undefined ? `known here: ${known.join(', ')}` : `did you mean ${meant}?`;
    return { name: `${source}:${lineOf(path)} ${path.join('.')}`, problem: 'is not a known key', action };
  });
}

function issueFaults(
  parsed: z.ZodSafeParseResult<unknown>,
  value: unknown,
  source: string,
  lineOf: (at: Path) => number,
): ConfigFault[] {
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue) => {
    const paths =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => {
      const got = valueAt(value, path);
      const name = `${source}:${lineOf(path)} ${path.map(String).join('.') || '(whole file)'}`;
      const absent = got === undefined && issue.code === 'invalid_type';
      const problem = absent ? 'is required and missing' : issue.message;
      return typeof got === 'object' ? { name, problem } : { name, problem, got };
    });
  });
}

/** The line of a node, or of the nearest parent that exists when the fault is that the node does not. */
function lineAt(document: ReturnType<typeof parseDocument>, lines: LineCounter, path: Path): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}
