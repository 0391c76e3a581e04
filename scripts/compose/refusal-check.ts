import type { SmokeProject } from './smoke-project.ts';

const TOKEN = { ACCESS_CONTROL: 'token', RENDER_ACCESS_CONTROL: 'token' };
/** As the whole edge is tried in development. */
const EDGE = { ACCESS_CONTROL: 'edge', DEVELOPMENT_TOKEN_FILE: '' };
const CASES = [
  ['a public domain', { ...TOKEN, DOMAIN: 'fleet.example.com' }, 'fleet.example.com'],
  ['live mode', { ...TOKEN, TRADING_MODE: 'live' }, 'TRADING_MODE=live'],
  ['a public domain behind the edge', { ...EDGE, DOMAIN: 'fleet.example.com' }, 'fleet.example.com'],
  ['live mode behind the edge', { ...EDGE, TRADING_MODE: 'live' }, 'TRADING_MODE=live'],
] as const;

/** With the override, `up` ends before anything but render was started, and render says why. */
export async function checkRefusal({ project }: SmokeProject): Promise<string> {
  for (const [what, env, word] of CASES) {
    const output = await project.with(env, 'up', '--detach', 'orchestrator');
    const logs = await project.with(env, 'logs', '--no-color', 'render');
    const running = (await project.compose('ps', '--quiet')).stdout.trim();
    await project.compose('rm', '--force', '--stop');
    if (output.code === 0) throw new Error(`with ${what} it started`);
    if (running !== '') throw new Error(`with ${what} something runs`);
    if (!logs.all.includes('COMPOSE_FILE') || !logs.all.includes(word))
      throw new Error(`with ${what} render says:\n${logs.all}`);
  }
  return CASES.map(([what]) => what).join(', ');
}
