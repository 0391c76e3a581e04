import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { root } from '../checks/source-tree.ts';

const run = promisify(execFile);

export const IMAGES = {
  promtool: 'prom/prometheus:v3.5.0',
  amtool: 'prom/alertmanager:v0.33.0',
  blackbox_exporter: 'prom/blackbox-exporter:v0.28.0',
} as const;
type Tool = keyof typeof IMAGES;

export interface Ran {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs a tool of the stack: the one on the PATH, else that of its image, with the checkout (and `folder`) at its own path. */
export async function tool(name: Tool, args: readonly string[], folder = root): Promise<Ran> {
  if (await isInstalled(name)) return ran(name, args);
  const mounts = [...new Set([root, folder])].flatMap((path) => ['--volume', `${path}:${path}:ro`]);
  // Of blackbox-exporter the image's own program: its name differs between builds.
  const entry = name === 'blackbox_exporter' ? [] : ['--entrypoint', name];
  return ran('docker', [
    ...['run', '--rm', '--network', 'none', '--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', ...mounts],
    ...['--workdir', root, ...entry, IMAGES[name], ...args],
  ]);
}

export async function ran(program: string, args: readonly string[]): Promise<Ran> {
  try {
    const { stdout, stderr } = await run(program, args, { maxBuffer: 64 << 20 });
    return { ok: true, output: stdout + stderr };
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    return { ok: false, output: stdout + stderr === '' ? message : stdout + stderr };
  }
}

async function isInstalled(name: Tool): Promise<boolean> {
  return (await ran(name, ['--version'])).ok;
}
