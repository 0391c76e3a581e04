import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

export interface ProjectOptions {
  readonly name: string;
  readonly root: string;
  /** Ends what is under way; what is asked for afterwards (taking down) is done. */
  readonly signal: AbortSignal;
  /** For the files' `${…}`. */
  readonly env: Readonly<Record<string, string>>;
  /** Compose files, in their order. */
  readonly files: readonly string[];
  readonly profiles?: readonly string[];
}

export interface Output {
  readonly code: number | null;
  readonly stdout: string;
  /** Both outputs, in the order of their arrival. */
  readonly all: string;
}

export interface Down {
  /** For the programs to end by themselves. */
  readonly graceSeconds: number;
  /** Those that were built for this project go, too. */
  readonly images?: boolean;
  readonly pauseMs?: number;
}

const container = z.object({
  Id: z.string(),
  Name: z.string(),
  RestartCount: z.number(),
  State: z.object({
    Pid: z.number(),
    ExitCode: z.number(),
    OOMKilled: z.boolean(),
    Health: z
      .object({ Status: z.string(), Log: z.array(z.object({ Output: z.string() })).nullable() })
      .optional(),
  }),
  Config: z.object({ User: z.string(), Env: z.array(z.string()), Image: z.string() }),
  HostConfig: z.object({
    ReadonlyRootfs: z.boolean(),
    Privileged: z.boolean(),
    CapDrop: z.array(z.string()).nullable(),
    CapAdd: z.array(z.string()).nullable(),
    SecurityOpt: z.array(z.string()).nullable(),
    Memory: z.number(),
    PidsLimit: z.number().nullable(),
  }),
  NetworkSettings: z.object({
    Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable()),
  }),
});
export type Container = z.output<typeof container>;

const KINDS = ['container', 'network', 'volume'] as const;
const OUTPUT_CHARACTERS_MAX = 3_000;
const DOWN_ATTEMPTS = 5;
const DOWN_PAUSE_MS = 2_000;

/** One Compose project: everything that it makes carries its name. */
export class ComposeProject {
  readonly #options: ProjectOptions;

  constructor(options: ProjectOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  compose(...args: string[]): Promise<Output> {
    return this.docker(...this.#composeArguments(args));
  }

  #composeArguments(args: readonly string[]): string[] {
    const { files, profiles = [] } = this.#options;
    const chosen = [
      ...files.flatMap((file) => ['--file', file]),
      ...profiles.flatMap((profile) => ['--profile', profile]),
    ];
    // Without the checkout's own .env, which is for the fleet that runs here in earnest.
    return ['compose', '--env-file', '/dev/null', '--project-name', this.name, ...chosen, ...args];
  }

  /** As `compose`, with other variables, and whatever its exit code is. */
  with(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Output> {
    return this.#run(this.#composeArguments(args), { ...this.#options.env, ...env });
  }

  /** Rejects, with the end of what it printed, unless the exit code is 0. */
  docker(...args: string[]): Promise<Output> {
    return this.#judged(args, this.#options.env);
  }

  async #judged(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Output> {
    const output = await this.#run(args, env);
    if (output.code === 0) return output;
    const command = args.filter((arg) => !arg.includes('\n')).join(' ');
    throw new Error(
      `docker ${command} ended with ${output.code}:\n${output.all.slice(-OUTPUT_CHARACTERS_MAX)}`,
    );
  }

  /** As `docker`, without the variables that this project gives its files: their defaults. */
  async plain(...args: string[]): Promise<Output> {
    return this.#judged(args, {});
  }

  async inspect(service: string): Promise<Container> {
    const { stdout } = await this.compose('ps', '--all', '--quiet', service);
    const { stdout: text } = await this.docker('container', 'inspect', stdout.trim());
    return z.tuple([container]).parse(JSON.parse(text))[0];
  }

  /** A script run by Node inside a running container. */
  async node(service: string, script: string): Promise<string> {
    return (await this.compose('exec', '-T', service, 'node', '--eval', script)).stdout.trim();
  }

  /** What of this project stands: `container h7-redis-1`. */
  async leftovers(): Promise<string[]> {
    const label = `label=com.docker.compose.project=${this.name}`;
    const lists = await Promise.all(
      KINDS.map(async (kind) => {
        const all = kind === 'container' ? ['--all'] : [];
        const { stdout } = await this.docker(kind, 'ls', '--quiet', ...all, '--filter', label);
        return stdout.split('\n').flatMap((id) => (id === '' ? [] : [`${kind} ${id}`]));
      }),
    );
    return lists.flat();
  }

  /**
   * Takes away all that carries this project's name: containers, networks, volumes, and with `images` those built for
   * it. Asked again when something is left: an engine that is still ending a container says of its network that it
   * "has active endpoints", and Compose does not try twice. Rejects with what is left then.
   */
  async takeDown({ graceSeconds, images = false, pauseMs = DOWN_PAUSE_MS }: Down): Promise<void> {
    const more = ['--volumes', '--remove-orphans', ...(images ? ['--rmi', 'local'] : [])];
    for (let attempt = 1; ; attempt += 1) {
      const { code, all } = await this.with({}, 'down', ...more, '--timeout', `${graceSeconds}`);
      const left = await this.leftovers();
      if (code === 0 && left.length === 0) return;
      if (attempt === DOWN_ATTEMPTS)
        throw new Error(
          `left behind: ${left.join(', ') || 'nothing'}; docker compose down ended with ${code}:\n${all.slice(-OUTPUT_CHARACTERS_MAX)}`,
        );
      await sleep(pauseMs);
    }
  }

  #run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Output> {
    const { root, signal } = this.#options;
    return new Promise((resolve, reject) => {
      const child = spawn('docker', args, {
        cwd: root,
        ...(signal.aborted ? {} : { signal }),
        env: { ...process.env, COMPOSE_FILE: undefined, COMPOSE_PROJECT_NAME: undefined, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        // Ctrl-C is for this program, which then takes everything down; a Compose that heard it too would be in the way.
        detached: true,
      });
      let [stdout, all] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        all += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        all += text;
      });
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout, all }));
    });
  }
}
