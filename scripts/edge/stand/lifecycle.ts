import type { Checklist } from '../../compose/checklist.ts';
import { until } from '../../compose/until.ts';
import type { EdgeStand } from './edge-stand.ts';

/** Of the production file; the others of the fleet add nothing to what is tested here. */
const BUILT = [
  ...['render', 'migrate', 'orchestrator', 'risk-manager', 'notification-manager'],
  ...['trade-executor', 'exchange-simulator'],
];
const STARTED = [
  ...BUILT.slice(2),
  ...['traefik', 'oauth2-proxy', 'prometheus', 'alertmanager', 'grafana', 'loki'],
  ...['identity', 'streamer', 'intruder', 'observer'],
];
const HEALTHY_MS_MAX = 180_000;
const LOG_LINES = '8';

export async function startStack(list: Checklist, stand: EdgeStand, signal: AbortSignal): Promise<void> {
  const { project } = stand;
  const run = async (...args: string[]): Promise<void> => void (await project.compose(...args));
  await list.need('the images are built', () => run('build', '--quiet', ...BUILT));
  await list.need('everything starts', () => run('up', '--detach', ...STARTED));
  await list.need('everything is healthy', () =>
    until(HEALTHY_MS_MAX, signal, async () => {
      const { stdout } = await project.compose(
        'ps',
        '--all',
        '--format',
        '{{.Service}} {{.State}} {{.Health}}',
      );
      const lines = stdout.trim().split('\n');
      const ended = lines.filter((line) => / (exited|dead|restarting) /.test(`${line} `) && !isDone(line));
      if (ended.length > 0) throw new Error(ended.join(', '));
      return lines.filter((line) => / (starting|unhealthy)$/.test(line)).join(', ') || null;
    }),
  );
}

/** As an operator does after a change, with other variables if they are given; what it printed. */
export async function renderAnew(
  { project }: EdgeStand,
  changes: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, all } = await project.with(changes, 'run', '--rm', '-T', '--no-deps', 'render');
  if (code !== 0) throw new Error(`render ended with ${code}:\n${all.slice(-800)}`);
  return all;
}

/** One-shot programs. */
function isDone(line: string): boolean {
  return /^(render|migrate) exited/.test(line);
}

/** Containers, networks, volumes, images and files: nothing stays but what the engine keeps to build faster. */
export async function takeDown(
  list: Checklist,
  { project, remove }: EdgeStand,
  say: (line: string) => void,
): Promise<void> {
  if (list.count.failed > 0) {
    const failed = (error: unknown) => ({ all: error instanceof Error ? error.message : String(error) });
    say((await project.compose('ps', '--all').catch(failed)).all);
    say((await project.compose('logs', '--no-color', '--tail', LOG_LINES).catch(failed)).all);
  }
  await list.check('everything is taken down', () => project.takeDown({ graceSeconds: 10, images: true }));
  remove();
}
