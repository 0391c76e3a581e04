import type { ComposeProject } from './compose-project.ts';
import { composeConfig } from './policy/index.ts';

/** Asks who people are, of a provider that is not here. */
const NEEDS_A_PROVIDER = 'oauth2-proxy';
const PULL_MS_MAX = 60_000;

export interface Chosen {
  /** Of the containers that stay up, those that can be started here. */
  readonly present: readonly string[];
  /** Left out, by name. */
  readonly absent: readonly string[];
}

/** Which containers of the stack can run here: their image is there or can be had. */
export async function chooseContainers(project: ComposeProject): Promise<Chosen> {
  const { services } = composeConfig.parse(
    JSON.parse((await project.compose('config', '--format', 'json')).stdout),
  );
  const absent: string[] = [];
  for (const [name, { build, image = '' }] of Object.entries(services)) {
    if (build !== undefined) continue;
    if (name === NEEDS_A_PROVIDER || !(await isHere(project, image))) absent.push(name);
  }
  return { present: Object.keys(services).filter((name) => !absent.includes(name)), absent };
}

async function isHere(project: ComposeProject, image: string): Promise<boolean> {
  const works = (...args: string[]) =>
    project.docker(...args).then(
      () => true,
      () => false,
    );
  if (await works('image', 'inspect', image)) return true;
  const late = new Promise<false>((resolve) => setTimeout(resolve, PULL_MS_MAX, false).unref());
  return Promise.race([works('pull', '--quiet', image), late]);
}
