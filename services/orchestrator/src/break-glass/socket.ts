import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { defineError, isFleetError, safeError } from '@fleet/shared/errors';
import { ZodError, z } from 'zod';
import { type BreakGlassParts, breakGlass, isWayDown, PATHS } from './commands.ts';

export const BreakGlassSocketUnusable = defineError({
  code: 'BREAK_GLASS_SOCKET_UNUSABLE',
  title: 'The break-glass socket cannot be opened',
  status: 500,
  retry: 'crash',
  action: 'Let BREAK_GLASS_SOCKET name a path in a folder that this user may write to, or leave it out.',
});

const BODY_BYTES_MAX = 4_096;
const REQUEST_MS_MAX = 5_000;

export interface BreakGlassSocket {
  close(): Promise<void>;
}

/**
 * Opens the last resort: a Unix socket that only this user can open, so that whoever may enter the container can stop
 * the fleet while sign-in, certificates or the edge are out of order. Throws BREAK_GLASS_SOCKET_UNUSABLE.
 */
export async function openBreakGlass(path: string, parts: BreakGlassParts): Promise<BreakGlassSocket> {
  const server = createServer({ requestTimeout: REQUEST_MS_MAX }, (request, response) => {
    void answer(parts, request, response);
  });
  await listening(server, path);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function listening(server: Server, path: string): Promise<void> {
  try {
    rmSync(path, { force: true }); // a killed process leaves its socket behind
    // For this user alone from its first moment on: the file is made within the call.
    const before = process.umask(0o177);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(path, () => resolve());
      process.umask(before);
    });
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new BreakGlassSocketUnusable(`${path} cannot be opened (${why})`, { cause });
  }
}

async function answer(
  parts: BreakGlassParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const say = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const path = request.url ?? '';
  if (request.method !== 'POST' || !isWayDown(path)) {
    say(404, problem('BREAK_GLASS_ONLY_DOWN', `this socket knows POST ${PATHS.join(' and POST ')} only`));
    return;
  }
  try {
    say(200, await breakGlass(parts, path, await bodyOf(request)));
  } catch (error) {
    parts.logger.error({ err: error, path }, 'break-glass refused');
    say(...refusalOf(error));
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) {
    text += part;
    if (text.length > BODY_BYTES_MAX) throw new SyntaxError(`the body is above ${BODY_BYTES_MAX} characters`);
  }
  return JSON.parse(text);
}

function refusalOf(error: unknown): [number, object] {
  if (error instanceof ZodError) return [400, problem('VALIDATION_FAILED', z.prettifyError(error))];
  if (error instanceof SyntaxError) return [400, problem('BODY_NOT_JSON', error.message)];
  const code = isFleetError(error) ? error.code : 'INTERNAL';
  return [isFleetError(error) ? (error.status ?? 500) : 500, problem(code, safeError(error).message)];
}

function problem(code: string, detail: string): object {
  return { code, detail };
}
