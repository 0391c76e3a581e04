// The double of Grafana as a program, with the file that GF_PATHS_CONFIG names, as the real one is started.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request } from 'node:https';
import type { JSONWebKeySet } from 'jose';
import { GrafanaDouble } from './grafana-double.ts';
import { parseIni } from './ini.ts';

const TIMEOUT_MS = 5_000;

const ini = parseIni(readFileSync(process.env['GF_PATHS_CONFIG'] ?? '', 'utf8'));
const server = ini.get('server');
createServer(new GrafanaDouble(ini, readKeys).handle).listen(
  Number(server?.get('http_port')),
  server?.get('http_addr'),
);
process.once('SIGTERM', () => process.exit(0));

function readKeys(url: URL, verifiesServer: boolean): Promise<JSONWebKeySet> {
  return new Promise((resolve, reject) => {
    const call = request(url, { rejectUnauthorized: verifiesServer, timeout: TIMEOUT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode !== 200) return reject(new Error(`${url.href}: ${response.statusCode}`));
        return resolve(JSON.parse(text) as JSONWebKeySet);
      });
    });
    call.once('timeout', () => call.destroy(new Error(`${url.href}: no answer`)));
    call.once('error', reject);
    call.end();
  });
}
