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

/** The stages of one program's lines. */
const stagesOf = (service: string): string => {
  const config = text('alloy/config.alloy');
  const from = config.indexOf(`selector = "{service=\\"${service}\\"}"\n`);
  expect(from).toBeGreaterThan(0);
  return config.slice(from, config.indexOf('\n  }\n', from));
};
const masked = (stages: string, line: string): string => {
  const expression = JSON.parse(/expression = ("(?:[^"\\]|\\.)*")/.exec(stages)?.[1] ?? '""') as string;
  const by = /replace +(?:=) "([^"]*)"/.exec(stages)?.[1] ?? '';
  // As stage.replace does it: what the group holds gives way.
  return line.replaceAll(new RegExp(expression, 'g'), (whole, group: string) => whole.replace(group, by));
};

test('addresses of people who signed in do not reach Loki', () => {
  const line = '- anna@example.com [AuthSuccess] Session{email:anna@example.com token:true}';
  expect(masked(stagesOf('oauth2-proxy'), line)).toBe(
    '- [email] [AuthSuccess] Session{email:[email] token:true}',
  );
});

test('what strangers make Traefik write is bounded', () => {
  const stages = stagesOf('traefik');
  const line = (path: string) => `{"RequestMethod":"GET","RequestPath":"${path}","a":1}`;
  expect(masked(stages, line('/api/orchestrator/status'))).toBe(line('/api/orchestrator/status'));
  expect(masked(stages, line(`/${'x'.repeat(6_000)}`)).length).toBeLessThan(600);
  expect(stages).toMatch(/stage\.limit \{\s*rate {2}= 100\s*burst = 2000\s*drop {2}= true/);
});

test("the edge's access log names no person", () => {
  const { accessLog } = parse(text('traefik/static/traefik.yml')) as {
    accessLog: { fields: { names: Record<string, string> } };
  };
  expect(accessLog.fields.names).toMatchObject({ ClientUsername: 'drop', TLSClientSubject: 'drop' });
});
