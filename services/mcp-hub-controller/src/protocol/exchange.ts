import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { defineError } from '@fleet/shared/errors';
import { BadRequest, type RequestContext } from '@fleet/shared/http';
import type { McpHttpHandler } from '@modelcontextprotocol/server';
import type { Request as ExpressRequest, Response as ExpressResponse } from 'express';
import { REQUEST_ID_HEADER } from './mcp-server.ts';

export const MCP_BODY_BYTES_MAX = 128 * 1024;

export const McpBodyTooLarge = defineError({
  code: 'MCP_BODY_TOO_LARGE',
  title: 'The request is too large',
  status: 413,
  retry: 'park',
  action: 'Send one call a request, with short arguments.',
});

/** Headers of the protocol; nothing else of the client's request reaches it. */
const HEADERS = [
  'accept',
  'content-type',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'mcp-session-id',
  'last-event-id',
];

/** Hands one HTTP exchange of Express to the protocol's handler and its answer back. */
export async function exchange(
  handler: Pick<McpHttpHandler, 'fetch'>,
  request: ExpressRequest,
  response: ExpressResponse,
  context: RequestContext,
): Promise<void> {
  const body = await bodyOf(request);
  // A batch is many calls under one of the rate limit; the protocol itself gave them up with 2025-06-18.
  if (body.trimStart().startsWith('['))
    throw new BadRequest('batches are not taken: send one message a request');
  const headers = new Headers({ [REQUEST_ID_HEADER]: context.requestId });
  for (const name of HEADERS) {
    const value = request.get(name);
    if (value !== undefined) headers.set(name, value);
  }
  const url = `http://${request.get('host') ?? 'localhost'}/mcp`;
  const answer = await handler.fetch(
    new Request(url, { method: 'POST', headers, body, signal: context.signal }),
  );
  response.status(answer.status);
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  if (answer.body === null) response.end();
  else await pipeline(Readable.fromWeb(answer.body as ReadableStream), response);
}

async function bodyOf(request: ExpressRequest): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.byteLength;
    if (bytes > MCP_BODY_BYTES_MAX) throw new McpBodyTooLarge(`more than ${MCP_BODY_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
