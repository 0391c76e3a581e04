import { SERVICE_NAMES } from '../fleet/services.ts';
import type { ComposeProject, Container } from './compose-project.ts';
import { EXCEPTIONS, ONE_SHOTS } from './policy/index.ts';
import { until } from './until.ts';

const NODE_IMAGE = 'node:24.21.0-bookworm-slim';
const OVER_BASE_MB_MAX = 15;
const HEALTHY_MS_MAX = 300_000;
/** Programs of this checkout that stay up; each is the one process of its container. */
const PROGRAM_NAMES: readonly string[] = [...SERVICE_NAMES, 'exchange-simulator'];
/** What `docker compose ps` calls healthy: of a service, that it is ready. */
export async function checkHealthy(
  project: ComposeProject,
  present: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const checked = staying(present).filter((name) => !isUnchecked(name));
  await until(HEALTHY_MS_MAX, signal, async () => {
    const states = await Promise.all(
      checked.map(async (name) => [name, (await project.inspect(name)).State.Health] as const),
    );
    return states
      .filter(([, health]) => health?.Status !== 'healthy')
      .map(([name, health]) => `${name} is ${health?.Status}: ${health?.Log?.at(-1)?.Output.trim() ?? ''}`)
      .join('\n');
  });
  return `${checked.length} containers`;
}

/** Those that do not end by themselves. */
function staying(present: readonly string[]): string[] {
  return present.filter((name) => !ONE_SHOTS.has(name));
}

function isUnchecked(name: string): boolean {
  return (EXCEPTIONS[name] ?? []).some(({ allows }) => allows === 'no healthcheck');
}

/** What the engine made of it, and what a process inside can do. */
export async function checkHardening(project: ComposeProject, present: readonly string[]): Promise<string> {
  const problems: string[] = [];
  for (const name of staying(present)) {
    const container = await project.inspect(name);
    problems.push(...containerProblems(name, container).map((problem) => `${name}: ${problem}`));
  }
  for (const name of PROGRAM_NAMES) {
    const { uid, written, seccomp } = JSON.parse(await project.node(name, PROBE)) as {
      uid: number;
      written: string[];
      seccomp: string;
    };
    if (uid !== 1000) problems.push(`${name} runs as uid ${uid}`);
    if (written.length > 0) problems.push(`${name} can write ${written.join(', ')}`);
    if (seccomp !== FILTERED) problems.push(`${name}'s first process has no filter of calls (${seccomp})`);
  }
  refuse(problems);
  return `${staying(present).length} containers`;
}

/** `Seccomp: 2` of /proc: a filter. */
const FILTERED = '2';
/** Writes where nothing may be written; a file system that allows it is named. */
const PROBE = `
  const { readFileSync, rmSync, writeFileSync } = require('node:fs');
  const seccomp = /^Seccomp:\\s*(\\d)/m.exec(readFileSync('/proc/1/status', 'utf8'))[1];
  const written = ['/probe', '/app/probe', '/app/config/probe', '/run/secrets/probe', '/etc/probe'].filter((path) => {
    try { writeFileSync(path, ''); rmSync(path); return true; } catch { return false; }
  });
  console.log(JSON.stringify({ uid: process.getuid(), written, seccomp }));`;

function containerProblems(name: string, { Config, HostConfig, NetworkSettings }: Container): string[] {
  const published = Object.values(NetworkSettings.Ports).flatMap((ports) => ports ?? []);
  const rules: ReadonlyArray<readonly [string, boolean]> = [
    [
      `runs as user "${Config.User}"`,
      /^[1-9]\d*:[1-9]\d*$/.test(Config.User) ||
        EXCEPTIONS[name]?.some(({ allows }) => allows === 'uid 0') === true,
    ],
    [
      'of our own programs has not the profile for Node',
      !PROGRAM_NAMES.includes(name) ||
        HostConfig.SecurityOpt?.some(
          (option) => option.startsWith('seccomp=') && option.includes('clone3'),
        ) === true,
    ],
    ['its file system can be written', HostConfig.ReadonlyRootfs],
    ['is privileged', !HostConfig.Privileged],
    ['keeps capabilities', HostConfig.CapDrop?.includes('ALL') === true],
    ['may gain privileges', HostConfig.SecurityOpt?.includes('no-new-privileges:true') === true],
    ['has no memory limit', HostConfig.Memory > 0],
    ['has no limit of processes', (HostConfig.PidsLimit ?? 0) > 0],
    ['is published beyond the loopback', published.every(({ HostIp }) => HostIp === '127.0.0.1')],
  ];
  return rules.flatMap(([problem, holds]) => (holds ? [] : [problem]));
}

/** Megabytes that each image adds to Node's. */
export async function checkSizes(project: ComposeProject): Promise<string> {
  const base = await sizeOf(project, NODE_IMAGE);
  const sizes: (readonly [string, number])[] = [];
  for (const name of [...PROGRAM_NAMES, ...ONE_SHOTS]) {
    sizes.push([name, ((await sizeOf(project, `${project.name}-${name}`)) - base) / 1e6]);
  }
  refuse(
    sizes
      .filter(([, size]) => size > OVER_BASE_MB_MAX)
      .map(([name, size]) => `${name} adds ${size.toFixed(1)} MB`),
  );
  return sizes.map(([name, size]) => `${name} ${size.toFixed(1)}`).join(', ');
}

async function sizeOf(project: ComposeProject, image: string): Promise<number> {
  return Number((await project.docker('image', 'inspect', '--format', '{{.Size}}', image)).stdout);
}

/** Every program ended by itself on SIGTERM, before the engine's patience did. */
export async function checkStopped(project: ComposeProject): Promise<string> {
  const problems: string[] = [];
  for (const name of PROGRAM_NAMES) {
    const { State } = await project.inspect(name);
    if (State.ExitCode !== 0) problems.push(`${name} ended with ${State.ExitCode}`);
    if (State.OOMKilled) problems.push(`${name} ran out of memory`);
  }
  refuse(problems);
  return `${PROGRAM_NAMES.length} programs`;
}

/** No secret stands in a log or in what `docker inspect` shows. */
export async function checkSecrecy(project: ComposeProject, secretsDir: string): Promise<string> {
  const image = `${project.name}-migrate`;
  const reader = [
    'run',
    '--rm',
    '--network',
    'none',
    '--user',
    '0:0',
    '--volume',
    `${secretsDir}:/secrets:ro`,
  ];
  const read = await project.docker(...reader, '--entrypoint', 'node', image, '--eval', READ_SECRETS);
  const secrets = JSON.parse(read.stdout) as [name: string, value: string][];
  const { stdout: logs } = await project.compose('logs', '--no-color');
  const { stdout: ids } = await project.compose('ps', '--all', '--quiet');
  const { stdout: inspected } = await project.docker('container', 'inspect', ...ids.trim().split('\n'));
  if (secrets.length === 0 || logs.length === 0) throw new Error('there was nothing to look at');
  refuse(
    secrets
      .filter(([, value]) => logs.includes(value) || inspected.includes(value))
      .map(([name]) => `${name} is in a log or in docker inspect`),
  );
  return `${secrets.length} secrets, ${Math.round(logs.length / 1e3)} kB of logs`;
}

/** Of an address the password, of a key its text without the frame; names of logins and of the client are none. */
const READ_SECRETS = `
  const { readdirSync, readFileSync, statSync } = require('node:fs');
  const files = readdirSync('/secrets').filter((name) => statSync('/secrets/' + name).isFile());
  const values = files.filter((name) => !/^(\\.|database_login_|oauth2_client_id)/.test(name)).flatMap((name) => {
    const text = readFileSync('/secrets/' + name, 'utf8').trim();
    const value = /:\\/\\/[^:]*:([^@]*)@/.exec(text)?.[1] ?? text.split('\\n').find((line) => !line.startsWith('-----'));
    return value ? [[name, value]] : [];
  });
  console.log(JSON.stringify(values));`;

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
