import { request } from 'node:https';
import type { SmokeProject } from './smoke-project.ts';

/** Through the published ports: a redirect to HTTPS, a refusal without sign-in, and no handshake without a certificate. */
export async function checkEdge({ edge }: SmokeProject): Promise<string> {
  const plain = await fetch(`http://127.0.0.1:${edge.http}/`, { redirect: 'manual' });
  const app = await ask(edge.https, 'app.fleet.localhost');
  const admin = await ask(edge.admin, 'admin.fleet.localhost');
  const found = `http ${plain.status}, app. ${app}, admin. ${admin}`;
  const refused =
    /^(401|403|500|502|503|504)$/.test(app) &&
    /certificate required|handshake failure|ECONNRESET/i.test(admin);
  if (![301, 302, 307, 308, 404].includes(plain.status) || !refused) throw new Error(found);
  return found;
}

/** The status of a call, or how it failed. */
function ask(port: number, servername: string): Promise<string> {
  return new Promise((resolve) => {
    const sent = request({
      ...{
        host: '127.0.0.1',
        port,
        servername,
        path: '/api/orchestrator/status',
        headers: { host: servername },
      },
      // The certificate is of an authority that this test has just made.
      rejectUnauthorized: false,
    });
    sent.once('response', (response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    sent.once('error', (error) => resolve(`${(error as NodeJS.ErrnoException).code} ${error.message}`));
    sent.end();
  });
}
