import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleProgram } from './bundle/bundle-program.ts';
import { PROGRAMS } from './bundle/programs.ts';

// The programs of the container images: node scripts/bundle.ts [--out dist] [NAME…]; without a name, all of them.
const root = join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  options: { out: { type: 'string', default: join(root, 'dist') } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => PROGRAMS.every((program) => program.name !== name));
if (unknown.length > 0) {
  const known = PROGRAMS.map(({ name }) => name).join(', ');
  process.stderr.write(`bundle: no program is called ${unknown.join(', ')}; there are ${known}\n`);
  process.exit(2);
}
for (const program of PROGRAMS) {
  if (positionals.length > 0 && !positionals.includes(program.name)) continue;
  const { name, bytes, files } = await bundleProgram(program, root, values.out);
  process.stdout.write(`${name}: ${(bytes / 1e6).toFixed(1)} MB in ${files.join(', ')}\n`);
}
