import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ComposeProject } from './compose-project.ts';
import { type Outside, openOutside } from './outside.ts';
import { PORT, placeholder, probeScript } from './placeholders.ts';
import { NETWORKS_OF, ONE_SHOTS } from './policy/index.ts';
import { MUST_NOT_REACH, MUST_REACH } from './reachability-table.ts';
import { edgeNetwork, type SmokeProject } from './smoke-project.ts';
import { until } from './until.ts';

const START_MS_MAX = 120_000;
const TOGETHER = 4;
const composed = z.looseObject({
  services: z.record(z.string(), z.looseObject({ networks: z.unknown().optional() })),
  networks: z.record(z.string(), z.unknown()),
});
const addresses = z.array(
  z.object({
    Config: z.object({ Labels: z.record(z.string(), z.string()) }),
    NetworkSettings: z.object({ Networks: z.record(z.string(), z.object({ IPAddress: z.string() })) }),
  }),
);
const answer = z.object({ reached: z.array(z.string()), out: z.boolean().nullable() });
type Seen = z.output<typeof answer>;

/**
 * The networks of the production file, with a listening placeholder in the place of every container (so that none is
 * missing for want of an image). From inside each, every address of every other is tried, and the way out.
 */
export async function checkReachability(
  { folder }: SmokeProject,
  root: string,
  signal: AbortSignal,
): Promise<string> {
  const mark = randomBytes(4).toString('hex');
  const env = edgeNetwork(mark);
  const profiles = ['slack-mcp'];
  const shape = new ComposeProject({
    name: 'shape',
    root,
    signal,
    env,
    files: ['docker-compose.yml'],
    profiles,
  });
  const { services, networks } = composed.parse(
    JSON.parse((await shape.compose('config', '--format', 'json')).stdout),
  );
  const names = Object.keys(services).filter((name) => !ONE_SHOTS.has(name));
  const file = join(folder, 'reachability.json');
  // Compose has named the networks after the other project.
  const own = Object.entries(networks).map(([name, network]) => [
    name,
    { ...(network as object), name: undefined },
  ]);
  const stand = {
    services: Object.fromEntries(names.map((name) => [name, placeholder(services[name]?.networks)])),
    networks: Object.fromEntries(own),
  };
  writeFileSync(file, JSON.stringify(stand));
  const project = new ComposeProject({ name: `fleet-reach-${mark}`, root, signal, env, files: [file] });
  const outside = await openOutside(mark);
  const found = await settled(async () => {
    await project.compose('up', '--detach', '--quiet-pull');
    return look(project, names, outside, signal);
  });
  const cleared = await settled(async () => {
    await outside.close();
    await project.takeDown({ graceSeconds: 1 });
  });
  // What was seen comes first: a network that cannot be taken down would hide it.
  if (found.status === 'rejected') throw found.reason;
  if (cleared.status === 'rejected') throw cleared.reason;
  return found.value;
}

async function settled<T>(act: () => Promise<T>): Promise<PromiseSettledResult<T>> {
  const [result] = await Promise.allSettled([act()]);
  return result;
}

async function look(
  project: ComposeProject,
  names: readonly string[],
  outside: Outside,
  signal: AbortSignal,
): Promise<string> {
  const targets = await addressesOf(project);
  const seen = new Map<string, Seen>();
  const script = probeScript({ targets, outside: outside.address });
  const one = async (name: string): Promise<void> => {
    await until(START_MS_MAX, signal, async () => {
      const found = answer.parse(JSON.parse(await project.node(name, script)));
      seen.set(name, found);
      // Until every listener is there, its own included, a refusal proves nothing.
      return found.reached.includes(name) ? null : `${name} does not listen yet`;
    });
  };
  // Once until all of them listen, and once for the judgement.
  for (let pass = 0; pass < 2; pass += 1) {
    signal.throwIfAborted();
    for (let i = 0; i < names.length; i += TOGETHER) await Promise.all(names.slice(i, i + TOGETHER).map(one));
  }
  const problems = judge(names, seen);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const pairs = names.length * (names.length - 1);
  const allowed = [...seen].reduce(
    (sum, [name, { reached }]) => sum + reached.filter((to) => to !== name).length,
    0,
  );
  return `${pairs} pairs of ${names.length} containers, ${allowed} of them open; ${outside.address === '' ? 'the way out not tried, which takes root' : `${names.filter((name) => seen.get(name)?.out).length} with a way out`}`;
}

function judge(names: readonly string[], seen: ReadonlyMap<string, Seen>): string[] {
  const reaches = (from: string, to: string): boolean => seen.get(from)?.reached.includes(to) === true;
  const share = (from: string, to: string): boolean =>
    NETWORKS_OF[from]?.some((network) => NETWORKS_OF[to]?.includes(network)) === true;
  const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => [from, to] as const));
  return [
    ...pairs
      .filter(([from, to]) => reaches(from, to) !== share(from, to))
      .map(([from, to]) => `${from} ${reaches(from, to) ? 'reaches' : 'does not reach'} ${to}`),
    ...MUST_REACH.filter(([from, to]) => !reaches(from, to)).map(([from, to]) => `${from} must reach ${to}`),
    ...MUST_NOT_REACH.filter(([from, to]) => reaches(from, to)).map(
      ([from, to]) => `${from} must not reach ${to}`,
    ),
    ...names.flatMap((name) => {
      const wanted = NETWORKS_OF[name]?.includes('egress') === true;
      const out = seen.get(name)?.out ?? null;
      return out === null || out === wanted ? [] : [`${name} ${out ? 'has a way' : 'has no way'} out`];
    }),
  ];
}

/** Every address of every container: `name` to `ip:port`. */
async function addressesOf(project: ComposeProject): Promise<Record<string, string[]>> {
  const { stdout: ids } = await project.compose('ps', '--quiet');
  const { stdout } = await project.docker('container', 'inspect', ...ids.trim().split('\n'));
  return Object.fromEntries(
    addresses
      .parse(JSON.parse(stdout))
      .map(({ Config, NetworkSettings }) => [
        Config.Labels['com.docker.compose.service'] ?? '',
        Object.values(NetworkSettings.Networks).map(({ IPAddress }) => `${IPAddress}:${PORT}`),
      ]),
  );
}
