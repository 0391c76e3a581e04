import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from '../checks/source-tree.ts';

const text = (path: string): string => readFileSync(join(root, path), 'utf8');

// The path as a whole is tried by scripts/monitoring-check with the real programs, where there are any; these are the
// settings whose absence it found, so that nobody takes them out again where there are none.

test('what Alloy read and did not send is little when it stops', () => {
  const config = text('alloy/config.alloy');
  expect(config).not.toMatch(/^\s*wal\s*\{/m);
  expect(config).toMatch(/queue_config \{\s*capacity = "16KiB"/);
  expect(config).toMatch(/batch_size = "16KiB"/);
  const { services } = parse(text('docker-compose.yml'), { merge: true }) as {
    services: { alloy: { command: string[]; depends_on: Record<string, unknown> } };
  };
  // Without it Alloy refuses queue_config and does not start.
  expect(services.alloy.command).toContain('--stability.level=experimental');
  // Compose stops it before Loki, which still takes what was read.
  expect(Object.keys(services.alloy.depends_on)).toContain('loki');
});

test('an audit line is found by its request, a line ends where it ended', () => {
  const config = text('alloy/config.alloy');
  expect(config).toContain('"requestId || audit.requestId"');
  expect(config).toMatch(/stage\.docker \{ \}[^}]*stage\.replace \{\s*expression = "\(\\\\n\)\$"/);
});

test("the edge's access log names no person", () => {
  const { accessLog } = parse(text('traefik/static/traefik.yml')) as {
    accessLog: { fields: { names: Record<string, string> } };
  };
  expect(accessLog.fields.names).toMatchObject({ ClientUsername: 'drop', TLSClientSubject: 'drop' });
});
