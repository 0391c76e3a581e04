// Checks who imports whom. Prints each break and how many files it read; 0 files is a failure.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dependencyFindings, type Manifest, type Manifests } from './checks/dependency-rules.ts';
import { report } from './checks/report.ts';
import { codeFiles, root } from './checks/source-tree.ts';

const CHECKED = /^(?:(?:packages|services)\/[^/]+\/(?:src|test)\/|scripts\/|bench\/|test\/)/;

function readManifests(): Manifests {
  const folders = ['packages', 'services'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
  );
  const homes = ['', ...folders].filter((folder) => existsSync(join(root, folder, 'package.json')));
  return new Map(
    homes.map((home) => [
      home,
      JSON.parse(readFileSync(join(root, home, 'package.json'), 'utf8')) as Manifest,
    ]),
  );
}

const files = codeFiles().filter((file) => CHECKED.test(file.path));
process.exitCode = report('dependency direction', files.length, dependencyFindings(files, readManifests()));
