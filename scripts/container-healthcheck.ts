// The container's healthcheck: node healthcheck.js [path]. Exit code 0 when http://127.0.0.1:$PORT/health, or the path
// given, answers 200. What it prints is what `docker inspect` shows of the last checks.
const ANSWER_MS_MAX = 4_000;
const SHOWN_CHARACTERS_MAX = 300;

const path = process.argv[2] ?? '/health';
const port = process.env['PORT'];
if (port === undefined) {
  process.stdout.write('PORT is not set\n');
  process.exit(1);
}
try {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
  const text = await response.text();
  process.stdout.write(`${response.status} ${text.slice(0, SHOWN_CHARACTERS_MAX)}\n`);
  process.exit(response.status === 200 ? 0 : 1);
} catch (error) {
  process.stdout.write(
    `${path} does not answer: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(1);
}
