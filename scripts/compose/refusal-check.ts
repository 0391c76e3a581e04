import type { SmokeProject } from './smoke-project.ts';

const CASES = [
  ['a public domain', { DOMAIN: 'fleet.example.com' }, 'fleet.example.com'],
  ['live mode', { TRADING_MODE: 'live' }, 'TRADING_MODE=live'],
] as const;

/** With the override's token mode, `up` ends before anything but render was started, and render says why. */
export async function checkRefusal({ project }: SmokeProject): Promise<string> {
  for (const [what, env, word] of CASES) {
    const asked = { ...env, ACCESS_CONTROL: 'token', RENDER_ACCESS_CONTROL: 'token' };
    const output = await project.with(asked, 'up', '--detach', 'orchestrator');
    const logs = await project.with(asked, 'logs', '--no-color', 'render');
    const running = (await project.compose('ps', '--quiet')).stdout.trim();
    await project.compose('rm', '--force', '--stop');
    if (output.code === 0) throw new Error(`with ${what} it started`);
    if (running !== '') throw new Error(`with ${what} something runs`);
    if (!logs.all.includes('ACCESS_CONTROL') || !logs.all.includes(word))
      throw new Error(`with ${what} render says:\n${logs.all}`);
  }
  return CASES.map(([what]) => what).join(', ');
}
