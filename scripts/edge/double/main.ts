// The double of oauth2-proxy as a program: main.js --config=/etc/oauth2-proxy/oauth2-proxy.cfg, as the real one is started.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { ProxyDouble } from './double.ts';
import { doubleSettings } from './settings.ts';

const { values } = parseArgs({ options: { config: { type: 'string' } }, strict: false });
const settings = doubleSettings(String(values['config'] ?? ''), process.env);
const double = new ProxyDouble(settings);
createServer(double.handle).listen(...portAndHost(settings.http_address));
if (settings.metrics_address !== undefined) {
  createServer((_request, response) => {
    const lines = [...double.count].map(([code, n]) => `oauth2_proxy_requests_total{code="${code}"} ${n}\n`);
    response.end(lines.join(''));
  }).listen(...portAndHost(settings.metrics_address));
}
process.once('SIGTERM', () => process.exit(0));

/** `0.0.0.0:4180` or, as Go takes it, `:4180`. */
function portAndHost(address: string): [number, string] {
  const at = address.lastIndexOf(':');
  return [Number(address.slice(at + 1)), address.slice(0, at) || '0.0.0.0'];
}
