import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Checklist } from '../../compose/checklist.ts';
import { until } from '../../compose/until.ts';
import { edgeAgent, openRequest } from '../client/open-request.ts';
import { fingerprint, type KeyPair } from '../stand/certificates.ts';
import type { EdgeStand } from '../stand/edge-stand.ts';
import { renderAnew } from '../stand/lifecycle.ts';
import type { Running } from './run-cases.ts';
import { release, untilHeld } from './streamer.ts';

const SERVED_MS_MAX = 30_000;
const PAUSE_MS = 500;
const STATUS = '/api/orchestrator/status';

/** The streamer stands for the orchestrator. `render` is that of the running checks. */
export async function checkRenewal(
  list: Checklist,
  running: Running,
  changes: Readonly<Record<string, string>>,
): Promise<void> {
  await list.check('a new server certificate is served without a restart, and open connections go on', () =>
    renewed(running, changes),
  );
}

async function renewed(running: Running, changes: Readonly<Record<string, string>>): Promise<string> {
  const { stand, people, signal } = running;
  const headers = { Cookie: await people.cookie('vera') };
  const before = await stand.project.inspect('traefik');
  const old = await servedCertificate(stand);
  const agent = edgeAgent(stand, 'app');
  const ports = new Set<number>();
  const askOnSame = async (): Promise<void> => {
    const one = openRequest(stand, { host: 'app', path: STATUS, headers, agent });
    if ((await one.whole()) !== 200) throw new Error(`on the open connection: ${one.status} ${one.text}`);
    ports.add(one.connection?.port ?? 0);
  };
  const stream = openRequest(stand, { host: 'app', path: '/api/orchestrator/events?hold', headers });
  try {
    await askOnSame();
    await untilHeld(running, 1);
    stand.renewServerCertificate();
    const wanted = fingerprint(serverFiles(stand.folder).read());
    let rendered = false;
    const rendering = renderAnew(stand, changes).finally(() => {
      rendered = true;
    });
    // An idle connection Traefik would close by itself in the end.
    const asking = async (): Promise<void> => {
      while (!rendered) {
        await askOnSame();
        await sleep(PAUSE_MS, undefined, { signal });
      }
    };
    await Promise.all([rendering, asking()]);
    await until(SERVED_MS_MAX, signal, async () => {
      await askOnSame();
      return (await servedCertificate(stand)) === wanted ? null : 'the old certificate is still served';
    });
    await askOnSame();
    if (ports.size !== 1) throw new Error('the open connection was cut');
    await release(running);
    await stream.until('last');
    const after = await stand.project.inspect('traefik');
    if (after.State.Pid !== before.State.Pid) throw new Error('Traefik was started again');
    return `${old.slice(0, 8)}… before, ${wanted.slice(0, 8)}… after`;
  } finally {
    stream.close();
    agent.destroy();
  }
}

/** SHA-256 of what the public port shows, as operators.yaml would write it. */
export async function servedCertificate(stand: EdgeStand): Promise<string> {
  const asked = openRequest(stand, { host: 'app', path: '/oauth2/start' });
  await asked.whole().finally(() => asked.close());
  return (asked.connection?.certificate ?? '').replaceAll(':', '').toLowerCase();
}

interface ServerFiles {
  read(): KeyPair;
  write(pair: KeyPair): void;
}

/** What Traefik serves with TLS_MODE=files; the key first, as scripts/pki does it. */
export function serverFiles(folder: string): ServerFiles {
  const path = (ending: string): string => join(folder, `traefik/certs/server.${ending}`);
  return {
    read: () => ({ cert: readFileSync(path('crt'), 'utf8'), key: readFileSync(path('key'), 'utf8') }),
    write: ({ cert, key }) => {
      writeFileSync(path('key'), key);
      writeFileSync(path('crt'), cert);
    },
  };
}
