import type { Checklist } from '../../compose/checklist.ts';
import { until } from '../../compose/until.ts';
import { fingerprint } from '../stand/certificates.ts';
import { renderAnew } from '../stand/lifecycle.ts';
import { servedCertificate, serverFiles } from './certificate-checks.ts';
import { call, told } from './client.ts';
import type { Running } from './run-cases.ts';

const HEALTHY_MS_MAX = 90_000;
const DYNAMIC_FILE = '/etc/traefik/dynamic/edge.yml';

/** Files that are broken or too old: the edge says so and lets nothing through meanwhile. */
export async function checkFaults(list: Checklist, running: Running): Promise<void> {
  await list.check('an expired server certificate is named when the files are rendered', () =>
    expiredServer(running),
  );
  await list.check('a broken dynamic file: every host 404, and the health probe fails', () =>
    brokenFile(running),
  );
}

async function expiredServer({ stand, signal }: Running): Promise<string> {
  const { cert, key } = stand.certificates.expiredServer;
  const served = serverFiles(stand.folder);
  const right = served.read();
  try {
    served.write({ cert, key });
    const all = await renderAnew(stand);
    const line = all.split('\n').find((text) => text.includes('has expired'));
    if (line === undefined) throw new Error(`render says nothing of it:\n${all.slice(-800)}`);
    return /"msg":"([^"]*)"/.exec(line)?.[1] ?? line;
  } finally {
    served.write(right);
    await renderAnew(stand);
    const wanted = fingerprint(right);
    await until(HEALTHY_MS_MAX, signal, async () =>
      (await servedCertificate(stand)) === wanted ? null : 'the right certificate is not served',
    );
  }
}

async function brokenFile({ stand, signal }: Running): Promise<string> {
  const { project } = stand;
  const probe = () =>
    project.compose(
      'exec',
      '-T',
      'traefik',
      'traefik',
      'healthcheck',
      '--configFile=/etc/traefik/static/traefik.yml',
    );
  const write = (script: string) =>
    project.docker(
      ...['run', '--rm', '--user', '1000:1000', '--network', 'none'],
      ...['--volume', `${project.name}_traefik-dynamic:/etc/traefik/dynamic`, stand.nodeImage],
      ...['node', '--eval', script],
    );
  // As the renderer would: a new file in the place of the old one, which nobody may write.
  await write(
    `const fs = require('fs'); const text = fs.readFileSync('${DYNAMIC_FILE}', 'utf8');` +
      `fs.writeFileSync('${DYNAMIC_FILE}.next', text + '\\nhttp: [\\n'); fs.renameSync('${DYNAMIC_FILE}.next', '${DYNAMIC_FILE}')`,
  );
  try {
    await project.compose('restart', '--timeout', '5', 'traefik');
    const failed = await until(HEALTHY_MS_MAX, signal, async () => {
      const found = told(await call(stand, { host: 'app', path: '/', headers: [] }));
      return typeof found === 'number' ? null : `starting: ${found}`;
    }).then(() => probe().then(() => undefined, String));
    if (failed === undefined) throw new Error('the health probe is content');
    const answer = told(await call(stand, { host: 'app', path: '/api/orchestrator/status', headers: [] }));
    if (answer !== 404) throw new Error(`404 was expected: ${answer}`);
    const words = failed.split('\n').findLast((line) => line.trim() !== '') ?? '';
    return `${words.slice(0, 120)}; a request: ${answer}`;
  } finally {
    await renderAnew(stand);
    await project.compose('restart', '--timeout', '5', 'traefik');
    await until(HEALTHY_MS_MAX, signal, async () => probe().then(() => null, String));
  }
}
