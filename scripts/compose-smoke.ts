// scripts/compose-smoke comes here, on the pinned Node and with an engine that answers.
import { join } from 'node:path';
import { checkBackup } from './compose/backup-check.ts';
import { Checklist, Unmet } from './compose/checklist.ts';
import {
  checkHardening,
  checkHealthy,
  checkSecrecy,
  checkSizes,
  checkStopped,
} from './compose/container-checks.ts';
import { checkCredentials } from './compose/credentials-check.ts';
import { checkEdge } from './compose/edge-check.ts';
import { checkFiles } from './compose/file-checks.ts';
import { checkFirewall } from './compose/firewall-check.ts';
import { checkHandles } from './compose/handle-check.ts';
import { chooseContainers } from './compose/images.ts';
import { checkPanels } from './compose/query-check.ts';
import { checkReachability } from './compose/reachability.ts';
import { checkRedisRestart } from './compose/redis-check.ts';
import { checkRefusal } from './compose/refusal-check.ts';
import { makeSecrets, type SmokeProject, smokeProject } from './compose/smoke-project.ts';
import { checkStudy } from './compose/study-check.ts';
import {
  checkCycles,
  checkKill,
  checkProof,
  checkReady,
  checkRestart,
  checkTargets,
} from './compose/trading-checks.ts';
import { closeConnections } from './fleet/http-json.ts';

const root = join(import.meta.dirname, '..');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => stop.abort(new Error(`stopped by ${name}`)));

const list = new Checklist(say);
const smoke = await smokeProject(root, stop.signal);
say(`project ${smoke.project.name}, ${smoke.folder}`);
try {
  await look(smoke, stop.signal);
} catch (error) {
  if (!(error instanceof Unmet)) throw error;
} finally {
  if (list.count.failed > 0) await showLogs(smoke);
  await takeDown(smoke);
}
const { passed, failed } = list.count;
say(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function look(smoke: SmokeProject, signal: AbortSignal): Promise<void> {
  const { project, secretsDir, folder } = smoke;
  const run = async (...args: string[]): Promise<void> => void (await project.compose(...args));
  const need = (name: string, act: () => Promise<unknown>) =>
    list.need(name, async () => {
      signal.throwIfAborted();
      return act();
    });
  await need('secrets and certificates are made', () => makeSecrets(root, smoke));
  await need('the compose files hold to the rules', () => checkFiles(project, root, folder));
  await list.check('the host firewall lets out what it should', () => checkFirewall(root, signal));
  await list.check('Alloy opens no file but those of its folder', () => checkHandles(project));
  await need('the images are built', () => run('build', '--quiet'));
  await list.check('MB that the images add to Node', () => checkSizes(project));
  await need('the override with a public domain or live is refused', () => checkRefusal(smoke));
  const { present, absent } = await chooseContainers(project);
  say(`left out, for want of an image or a provider: ${absent.join(', ') || 'none'}`);
  await need('everything else starts', () => run('up', '--detach', ...present));
  await need('every container becomes healthy', () => checkHealthy(project, present, signal));
  await need('every service is ready', () => checkReady(smoke, signal));
  await list.check('containers are read-only, bounded and not root', () => checkHardening(project, present));
  await need('decision cycles complete', () => checkCycles(smoke, signal));
  await list.check('Prometheus scrapes all that runs', () => checkTargets(smoke, absent, signal));
  await list.check('Prometheus and Alertmanager ask services for a password', () =>
    checkCredentials(project),
  );
  await list.check('the edge answers, and admin. wants a certificate', () => checkEdge(smoke));
  await list.check('the optimizer runs a study on worker threads', () => checkStudy(smoke, signal));
  await list.check('no query of a panel or a rule is empty', () => checkPanels(smoke, signal));
  await list.check('a backup is made, and its drill passes', () => checkBackup(smoke, signal));
  await need('risk-manager is killed and the fleet goes on', () => checkKill(smoke, 'risk-manager', signal));
  await need('trade-executor is restarted and the fleet goes on', () =>
    checkRestart(smoke, 'trade-executor', signal),
  );
  await need('Redis is restarted and has lost nothing', () => checkRedisRestart(smoke, signal));
  await need('decision cycles complete again', () => checkCycles(smoke, signal));
  await list.check('the ledger equals the venue', () => checkProof(smoke, signal));
  await list.check('memory', () => memory(smoke));
  await list.check('no secret is in a log', () => checkSecrecy(project, secretsDir));
  await need('everything stops', () => run('stop'));
  await list.check('every program ended by itself on SIGTERM', () => checkStopped(project));
  await list.check('who reaches whom, from inside each container', () =>
    checkReachability(smoke, root, signal),
  );
}

async function memory({ project }: SmokeProject): Promise<string> {
  const { stdout: ids } = await project.compose('ps', '--quiet');
  const format = '{{.Name}} {{.MemUsage}}';
  const { stdout } = await project.docker(
    'stats',
    '--no-stream',
    '--format',
    format,
    ...ids.trim().split('\n'),
  );
  const short = (line: string) => line.replace(`${project.name}-`, '').replace(/-1 ([^/]*?) *\/.*/, ' $1');
  return stdout.trim().split('\n').map(short).sort().join(', ');
}

async function showLogs({ project }: SmokeProject): Promise<void> {
  const failed = (error: unknown) => ({ all: error instanceof Error ? error.message : String(error) });
  say((await project.compose('ps', '--all').catch(failed)).all);
  say((await project.compose('logs', '--no-color', '--tail', '25').catch(failed)).all);
}

/** Containers, networks, volumes, images and files: nothing stays but what the engine keeps to build faster. */
async function takeDown({ project, remove }: SmokeProject): Promise<void> {
  closeConnections();
  await list.check('everything is taken down', () => project.takeDown({ graceSeconds: 20, images: true }));
  remove();
}
