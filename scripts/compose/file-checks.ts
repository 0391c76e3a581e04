import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ComposeProject } from './compose-project.ts';
import { breaches, type Kind } from './policy/index.ts';

const PRODUCTION = ['docker-compose.yml'];
const DEVELOPMENT = [...PRODUCTION, 'docker-compose.override.yml'];
const PROFILES = ['slack-mcp', 'edge'];
/** The example of the guide is what an operator would write. */
const EXAMPLE = /```yaml\n(# compose\.local\.yml\n[\s\S]+?)```/;

interface Combination {
  readonly kind: Kind;
  readonly files: readonly string[];
  readonly profiles: readonly string[];
}

/** Every combination of files (with and without an operator's own) and profiles holds to every rule. */
export async function checkFiles(project: ComposeProject, root: string, folder: string): Promise<string> {
  const local = join(folder, 'compose.local.yml');
  const example = EXAMPLE.exec(readFileSync(join(root, 'docs/deployment.md'), 'utf8'))?.[1];
  if (example === undefined) throw new Error('docs/deployment.md has no example of compose.local.yml');
  writeFileSync(local, example);
  const all = combinations(local);
  const problems: string[] = [];
  let containers = 0;
  for (const { kind, files, profiles } of all) {
    const options = [
      ...files.flatMap((file) => ['--file', file]),
      ...profiles.flatMap((profile) => ['--profile', profile]),
    ];
    const directory = ['--project-directory', root, '--env-file', '/dev/null'];
    const { stdout } = await project.plain('compose', ...directory, ...options, 'config', '--format', 'json');
    const config = JSON.parse(stdout) as { services: object };
    containers = Math.max(containers, Object.keys(config.services).length);
    const where = [...files, ...profiles].map((word) => word.replace(`${folder}/`, '')).join(' ');
    problems.push(...breaches(config, kind).map((breach) => `${where}: ${breach}`));
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return `${all.length} combinations of files and profiles, up to ${containers} containers`;
}

function combinations(local: string): Combination[] {
  const profiles = subsets(PROFILES);
  return (
    [
      ['production', PRODUCTION],
      ['development', DEVELOPMENT],
    ] as const
  ).flatMap(([kind, files]) =>
    [files, [...files, local]].flatMap((some) =>
      profiles.map((chosen) => ({ kind, files: some, profiles: chosen })),
    ),
  );
}

function subsets(items: readonly string[]): string[][] {
  const [first, ...rest] = items;
  if (first === undefined) return [[]];
  return subsets(rest).flatMap((set) => [set, [first, ...set]]);
}
