// Writes the files that are made from the source: OpenAPI, event schemas, references of errors and risk codes,
// Grafana's dashboards, the table of access. The latter is checked against the routes, also without `--check`.
// `--check` writes nothing and fails where the committed files differ. `--force` lets an event's schema change under
// its version, which is right only as long as no consumer runs the committed one.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { eventCatalog } from '@fleet/domain/events';
import { RISK_CODES } from '@fleet/domain/risk';
import { allErrors } from '@fleet/shared/errors';
import { codeFiles, root, type SourceFile } from './checks/source-tree.ts';
import { accessReference } from './generate/access-table.ts';
import { DASHBOARD_FOLDER, dashboards } from './generate/dashboards.ts';
import { definingModules, errorReference } from './generate/error-reference.ts';
import { changedVersions, EVENT_FOLDER, eventSchemas } from './generate/event-schemas.ts';
import { differences, type Generated, write } from './generate/generated-files.ts';
import { OPENAPI_FOLDER, openApiFiles } from './generate/openapi.ts';
import { redisUsersFile } from './generate/redis-users.ts';
import { riskCodeReference } from './generate/risk-codes.ts';

const OWNED = [
  { path: OPENAPI_FOLDER, ending: '.yaml' },
  { path: EVENT_FOLDER, ending: '.json' },
  { path: DASHBOARD_FOLDER, ending: '.json' },
];

process.exitCode = await main();

async function main(): Promise<number> {
  const { values: options } = parseArgs({
    options: { check: { type: 'boolean' }, force: { type: 'boolean' } },
  });
  const { files, problems } = await generate();
  const changed = options.force ? [] : changedVersions(files, committed);
  const found = differences(root, files, OWNED);
  for (const problem of problems) say(problem);
  for (const path of changed)
    say(`${path}: the schema changed under its version: raise the version, or use --force`);
  if (options.check) for (const { path, kind } of found) say(`${path}: ${kind}; run \`pnpm generate\``);
  if (!options.check) {
    // A schema that may not change is left as it is; everything else is written.
    const held = new Set(changed);
    // A service that could not be read has no file now; its old one is not left over.
    const writable = found.filter(
      ({ path, kind }) => !held.has(path) && (kind !== 'left over' || problems.length === 0),
    );
    write(root, files, writable);
    for (const { path, kind } of writable) say(`${path}: ${kind === 'left over' ? 'removed' : 'written'}`);
  }
  const failed = problems.length + changed.length + (options.check ? found.length : 0);
  say(`generate: ${files.length} files, ${failed} faults`);
  return failed === 0 ? 0 : 1;
}

async function generate(): Promise<Generated> {
  const sources = codeFiles();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const unloadable = await loadErrors(sources);
  const parts = [
    { files: [], problems: unloadable },
    await openApiFiles(root, version),
    eventSchemas(eventCatalog),
    errorReference(allErrors(), sources),
    riskCodeReference(RISK_CODES),
    dashboards(),
    redisUsersFile(),
    await accessReference(root),
  ];
  return { files: parts.flatMap(({ files }) => files), problems: parts.flatMap(({ problems }) => problems) };
}

/** Errors are on the list as soon as their module is loaded. */
async function loadErrors(sources: readonly SourceFile[]): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { path } of definingModules(sources)) {
    await import(pathToFileURL(join(root, path)).href).catch((error: unknown) => {
      problems.push(`${path}: cannot be loaded: ${(error as Error).message}`);
    });
  }
  return problems;
}

/** The file as last committed; undefined when it is new, or when this is no git checkout. */
function committed(path: string): string | undefined {
  try {
    return execFileSync('git', ['show', `HEAD:${path}`], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return undefined;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
