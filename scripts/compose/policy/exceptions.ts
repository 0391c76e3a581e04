/** What a container may do that others may not, each with its reason; docs/deployment.md lists the same. */
interface Exception {
  readonly allows: 'uid 0' | 'capability' | 'host folder' | 'no healthcheck';
  /** The capability or the host's folder. */
  readonly what?: string;
  readonly reason: string;
}

export const EXCEPTIONS: Readonly<Record<string, readonly Exception[]>> = {
  alloy: [
    {
      allows: 'uid 0',
      reason: "the engine's log files are root's, and a capability alone does not open them",
    },
    {
      allows: 'capability',
      what: 'DAC_READ_SEARCH',
      reason:
        'to read those files; the call that opens any other by its handle is refused by its own profile',
    },
    { allows: 'host folder', what: '/var/lib/docker/containers', reason: 'the log files, read-only' },
    {
      allows: 'no healthcheck',
      reason: 'its image has no program that asks over HTTP; Prometheus scrapes it',
    },
  ],
  'node-exporter': [
    { allows: 'host folder', what: '/', reason: "the host's figures, read-only, as nobody, without /run" },
  ],
  'oauth2-proxy': [{ allows: 'no healthcheck', reason: 'its image has no shell; blackbox-exporter asks it' }],
  'redis-exporter': [{ allows: 'no healthcheck', reason: 'its image has no shell; Prometheus scrapes it' }],
  loki: [{ allows: 'no healthcheck', reason: 'its image has no shell; Alloy says when it cannot deliver' }],
  'slack-mcp-server': [
    {
      allows: 'no healthcheck',
      reason: 'optional; its tools ask for a key, and nothing else says whether they work',
    },
  ],
  render: [{ allows: 'no healthcheck', reason: 'ends by itself; everything waits for its success' }],
  migrate: [{ allows: 'no healthcheck', reason: 'ends by itself; everything waits for its success' }],
};

export function isExcepted(service: string, allows: Exception['allows'], what?: string): boolean {
  return (EXCEPTIONS[service] ?? []).some(
    (exception) => exception.allows === allows && exception.what === what,
  );
}

/** End and are over; they neither restart nor answer. */
export const ONE_SHOTS: ReadonlySet<string> = new Set(['render', 'migrate']);
