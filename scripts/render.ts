import { ConfigError } from '@fleet/shared/config';
import { safeError } from '@fleet/shared/errors';
import { createLogger } from '@fleet/shared/telemetry';
import { render } from './render/render.ts';
import { writeFiles } from './render/write-files.ts';

// Makes the files that Traefik, oauth2-proxy, Grafana, Prometheus and Alertmanager read, of config/, .env, the secrets and
// the templates; then it ends. With anything wrong it says all of it and writes nothing: what runs goes on as it was.

const EXIT_CONFIG = 78;
const logger = createLogger({ service: 'render' });

try {
  const { settings, files, warnings } = render(process.env, new Date());
  for (const warning of warnings) logger.warn(warning);
  const changed = writeFiles(settings.RENDER_OUT_DIR, files);
  logger.info({ changed, files: files.size }, changed.length === 0 ? 'nothing has changed' : 'rendered');
} catch (error) {
  // Faults never quote a secret; the scrubbing of other errors would take words out that say which one is missing.
  const known = error instanceof ConfigError;
  process.stderr.write(`${known ? error.message : `render: ${safeError(error).message}`}\n`);
  process.exitCode = known ? EXIT_CONFIG : 1;
}
