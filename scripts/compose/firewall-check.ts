import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const seen = z.object({
  before: z.array(z.string()),
  after: z.array(z.string()),
  removed: z.array(z.string()),
});
/** Addresses of the stand's outside: a public one, one of an exchange, private ranges, a cloud's metadata, the resolver. */
const ALLOWED = ['10.0.0.53:53', '9.9.9.9:443', '9.9.9.9:9443', '[2620:fe::9]:443', 'inbound'];
const ALL_MIN = 15;

/**
 * Puts scripts/host-firewall to work in network namespaces of its own: a container's side, this host's side and an
 * outside. Without the rules everything is reached, with them what is allowed and nothing else.
 */
export async function checkFirewall(root: string, signal: AbortSignal): Promise<string> {
  const namespaces = process.getuid?.() === 0 ? '-nm' : '-rnm';
  const stand = join(root, 'scripts/compose/firewall-stand');
  const { stdout } = await promisify(execFile)('unshare', [namespaces, stand], { cwd: root, signal });
  const { before, after, removed } = seen.parse(JSON.parse(stdout));
  if (before.length < ALL_MIN || !ALLOWED.every((target) => before.includes(target)))
    throw new Error(`without rules only these are reached: ${before.join(', ')}`);
  if ([...after].sort().join() !== [...ALLOWED].sort().join())
    throw new Error(`with the rules these are reached: ${after.join(', ')}; wanted ${ALLOWED.join(', ')}`);
  if (removed.length !== before.length) throw new Error(`after --remove only ${removed.join(', ')}`);
  return `${before.length} ways without it, ${after.length} with it`;
}
