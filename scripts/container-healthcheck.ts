// The container's healthcheck: node healthcheck.js [/path]. Exit code 0 when http://127.0.0.1:$PORT/health, or the path
// given, answers 200. What it prints is what `docker inspect` shows of the last checks.
// For people, in the container of a service that may ask others (mcp-hub-controller): node healthcheck.js SERVICE/path
// asks that service, at its address and with the secret that this one has, and shows the answer whole.
import { readFileSync } from 'node:fs';

const ANSWER_MS_MAX = 4_000;
const SHOWN_CHARACTERS_MAX = 300;

const asked = process.argv[2] ?? '/health';
const [, other, path = asked] = /^([a-z-]+)(\/.*)$/.exec(asked) ?? [];
const [base, setting] = other === undefined ? own() : addressOf(other);
if (base === undefined) {
  process.stdout.write(`${setting} is not set\n`);
  process.exit(1);
}
try {
  const response = await fetch(base + path, {
    headers: other === undefined ? {} : ownSecret(),
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
  const text = await response.text();
  const shown = other === undefined ? text.slice(0, SHOWN_CHARACTERS_MAX) : text;
  process.stdout.write(`${response.status} ${shown}\n`, () => process.exit(response.status === 200 ? 0 : 1));
} catch (error) {
  process.stdout.write(
    `${asked} does not answer: ${error instanceof Error ? error.message : String(error)}\n`,
    () => process.exit(1),
  );
}

type Address = readonly [base: string | undefined, setting: string];

function own(): Address {
  const port = process.env['PORT'];
  return [port === undefined ? undefined : `http://127.0.0.1:${port}`, 'PORT'];
}

function addressOf(service: string): Address {
  const setting = `${service.toUpperCase().replaceAll('-', '_')}_URL`;
  return [process.env[setting], setting];
}

/** Behind the edge a service answers only who shows a secret; that of a service has the role viewer. */
function ownSecret(): Record<string, string> {
  const file = process.env['SERVICE_SECRET_FILE'];
  return file === undefined ? {} : { 'x-service-secret': readFileSync(file, 'utf8').trim() };
}
