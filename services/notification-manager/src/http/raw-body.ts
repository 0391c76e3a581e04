import type { IncomingMessage } from 'node:http';
import { BadRequest } from '@fleet/shared/http';

/** Resolves with the body's bytes, or undefined when it is longer than `bytesMax`; what follows is not kept. */
export async function rawBody(request: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request) {
      bytes += (part as Buffer).length;
      // Read to its end without keeping it, so that the sender gets the refusal and not a reset.
      if (bytes <= bytesMax) parts.push(part as Buffer);
    }
  } catch (cause) {
    throw new BadRequest('the body ended before its announced length', { cause });
  }
  return bytes > bytesMax ? undefined : Buffer.concat(parts);
}
