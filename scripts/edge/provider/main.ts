// The test's OpenID provider as a program: the provider on PORT, its controls on CONTROL_PORT.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { identityProvider } from './identity-provider.ts';

const settings = z
  .object({
    ISSUER: z.url(),
    PORT: z.coerce.number(),
    CONTROL_PORT: z.coerce.number(),
    /** JSON: `{ keys, clients, idTokenLife }`. */
    SETTINGS_FILE: z.string(),
  })
  .parse(process.env);
const file = z
  .object({
    keys: z.object({ keys: z.array(z.looseObject({ kty: z.string() })) }),
    clients: z.array(z.looseObject({ client_id: z.string() })),
    idTokenLife: z.number().int().positive(),
  })
  .parse(JSON.parse(readFileSync(settings.SETTINGS_FILE, 'utf8')));
const order = z.object({ refreshTokens: z.boolean().optional(), up: z.boolean().optional() });

const provider = identityProvider({ issuer: settings.ISSUER, ...file });
let server: Server | undefined;
start();
createServer((request, response) => {
  control(request, response).catch((error: unknown) => {
    response.statusCode = 400;
    response.end(String(error));
  });
}).listen(settings.CONTROL_PORT, '0.0.0.0');
process.once('SIGTERM', () => process.exit(0));

function start(): void {
  server ??= createServer(provider.handle).listen(settings.PORT, '0.0.0.0');
}

/** As a provider that is away: nobody listens. What it has issued it still knows when it comes back. */
function stop(): void {
  server?.close();
  server?.closeAllConnections();
  server = undefined;
}

async function control(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'POST') {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { refreshTokens, up } = order.parse(JSON.parse(text));
    if (refreshTokens !== undefined) provider.refreshTokens = refreshTokens;
    if (up === true) start();
    if (up === false) stop();
  }
  response.setHeader('Content-Type', 'application/json');
  response.end(
    JSON.stringify({
      ...provider.count,
      refreshTokens: provider.refreshTokens,
      up: server !== undefined,
    }),
  );
}
