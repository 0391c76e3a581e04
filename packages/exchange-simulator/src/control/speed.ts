import { z } from 'zod';

const SPEED = /^(\d{1,6}(?:\.\d{1,3})?)x$/;

/** `60x`, `1x`, `0.5x` or `max`, as a factor; `max` is Infinity. */
export const speedSchema = z.string().transform((text, context) => {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const factor = Number(SPEED.exec(text)?.[1] ?? 0);
  if (factor > 0) return factor;
  context.issues.push({ code: 'custom', input: text, message: 'must be a speed such as 60x, 1x or max' });
  return z.NEVER;
});

export function speedText(speed: number): string {
  return Number.isFinite(speed) ? `${speed}x` : 'max';
}
