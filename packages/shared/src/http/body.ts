import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { BadRequest, BodyTooDeep, BodyTooLarge, MalformedJson, UnsupportedMediaType } from './problems.ts';

/** Larger than any request of the fleet, small enough that a thousand of them do not fill the memory. */
export const BODY_BYTES_MAX = 256 * 1024;
const DEPTH_MAX = 32;

// Compressed bodies are refused: nobody here sends them, and they unpack to more than they say.
const parse = express.json({ limit: BODY_BYTES_MAX, inflate: false, strict: true, type: () => true });

/** Reads a JSON body; without one `request.body` is undefined. */
export const jsonBody: RequestHandler = (request: Request, response: Response, next: NextFunction): void => {
  if (!hasBody(request)) {
    request.body = undefined;
    next();
    return;
  }
  if (request.is(['application/json', 'application/*+json']) === false) {
    next(
      new UnsupportedMediaType(`got Content-Type ${request.get('content-type')?.slice(0, 100) ?? '(none)'}`),
    );
    return;
  }
  parse(request, response, (error?: unknown) => {
    if (error !== undefined) next(bodyError(error));
    else next(isTooDeep(request.body) ? new BodyTooDeep(`more than ${DEPTH_MAX} levels`) : undefined);
  });
};

function hasBody(request: Request): boolean {
  if (request.headers['transfer-encoding'] !== undefined) return true;
  return Number(request.headers['content-length'] ?? 0) > 0;
}

/** body-parser's errors by their `type`: https://www.npmjs.com/package/body-parser#errors */
function bodyError(error: unknown): unknown {
  const { type } = error as { type?: string };
  switch (type) {
    case 'entity.too.large':
      return new BodyTooLarge(`more than ${BODY_BYTES_MAX} bytes`);
    case 'entity.parse.failed':
      return new MalformedJson('the body could not be parsed as a JSON object or array');
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new UnsupportedMediaType('the encoding of the body is not supported');
    case 'request.aborted':
    case 'request.size.invalid':
      return new BadRequest('the body ended before its announced length');
    default:
      return error;
  }
}

/** Iterative, since the depth of what arrives is not ours to trust. */
function isTooDeep(body: unknown): boolean {
  let level: unknown[] = [body];
  for (let depth = 0; depth <= DEPTH_MAX; depth += 1) {
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
}
