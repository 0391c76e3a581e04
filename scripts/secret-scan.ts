// Looks for secrets in the files that git knows, and with --history in every version that it keeps. Says where one
// stands and of what kind it is, never what it is. What only looks like a secret is listed here, with the reason.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Allowed, type Finding, isAllowed, scanFile } from './checks/secret-rules.ts';
import { root } from './checks/source-tree.ts';

const ALLOWED: readonly Allowed[] = [
  { path: /^(?:pnpm-lock\.yaml|.*package-lock\.json)$/, rule: 'random value', reason: 'hashes of packages' },
  {
    path: /^services\/notification-manager\/src\/(?:incidents|notification-manager)\.int\.test\.ts$/,
    rule: 'Slack token',
    reason: 'made up, for a Slack of the tests',
  },
  {
    path: /^services\/notification-manager\/src\/interactions\/signature\.test\.ts$/,
    rule: 'random value',
    reason: 'the example of Slack’s own documentation',
  },
  {
    path: /^scripts\/init-secrets\.test\.ts$/,
    rule: 'password in an address',
    reason: 'made up, of databases that its test makes',
  },
];
const OUTPUT_MAX = 1024 * 1024 * 1024;

const { values } = parseArgs({ options: { history: { type: 'boolean' }, dir: { type: 'string' } } });
const base = resolve(values.dir ?? root);

const { files, findings } = values.history ? scanHistory() : scanTree();
const bad = findings.filter((finding) => !isAllowed(finding, ALLOWED));
for (const { path, line, rule } of bad) process.stdout.write(`${path}:${line}: ${rule}\n`);
if (bad.length > 0)
  process.stdout.write(
    'what to do: take it out, and give it a new value (scripts/rotate-secret): what was committed counts as known\n',
  );
process.stdout.write(`secret scan: ${files} files read, ${bad.length} findings\n`);
process.exitCode = bad.length === 0 && files > 0 ? 0 : 1;

function git(...args: string[]): Buffer {
  return execFileSync('git', args, {
    cwd: base,
    maxBuffer: OUTPUT_MAX,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Tracked, and what would be with the next `git add`. */
function scanTree(): { files: number; findings: readonly Finding[] } {
  const list = git('ls-files', '-z', '--cached', '--others', '--exclude-standard').toString().split('\0');
  const read = list
    .filter((path) => path !== '')
    .flatMap((path) => {
      try {
        return [scanFile(path, readFileSync(join(base, path)))];
      } catch (error) {
        // Deleted and not yet committed, or a link to a folder.
        if (['ENOENT', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
        throw error;
      }
    });
  return { files: read.length, findings: read.flat() };
}

/** Each content once, under the first of its paths. */
function scanHistory(): { files: number; findings: readonly Finding[] } {
  const paths = new Map<string, string>();
  for (const line of git('rev-list', '--objects', '--all').toString().split('\n')) {
    const [id, path] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
    if (line.includes(' ') && path !== '' && !paths.has(id)) paths.set(id, path);
  }
  const findings: Finding[] = [];
  let files = 0;
  for (const [id, path] of paths) {
    if (git('cat-file', '-t', id).toString().trim() !== 'blob') continue;
    files += 1;
    findings.push(...scanFile(path, git('cat-file', 'blob', id)));
  }
  return { files, findings };
}
