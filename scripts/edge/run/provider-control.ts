import { z } from 'zod';
import type { EdgeStand } from '../stand/edge-stand.ts';

const state = z.object({
  signIns: z.number(),
  refreshes: z.number(),
  refusedRefreshes: z.number(),
  refreshTokens: z.boolean(),
  up: z.boolean(),
});
type ProviderState = z.output<typeof state>;

/** What the provider has counted; with `order`, after it has been changed. */
export async function provider(
  { ports }: EdgeStand,
  order?: { readonly refreshTokens?: boolean; readonly up?: boolean },
): Promise<ProviderState> {
  const answer = await fetch(`http://127.0.0.1:${ports.control}/`, {
    ...(order === undefined ? {} : { method: 'POST', body: JSON.stringify(order) }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`the provider's control answered ${answer.status}: ${await answer.text()}`);
  return state.parse(await answer.json());
}
