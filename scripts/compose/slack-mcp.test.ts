import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from '../checks/source-tree.ts';

const run = promisify(execFile);
const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Readonly<Record<string, { entrypoint: readonly [string, string, string] }>>;
};
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slack-mcp-'));
  mkdirSync(join(folder, 'bin'));
  const program = join(folder, 'bin/mcp-server');
  writeFileSync(program, '#!/bin/sh\necho "$SLACK_MCP_API_KEY $SLACK_MCP_XOXB_TOKEN $*"\n');
  chmodSync(program, 0o755);
  writeFileSync(join(folder, 'slack_bot_token'), 'xoxb-made-up');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The entry point as Compose and the container's shell read it, with a program that prints what it was given. */
function start() {
  const [shell, option, script] = services['slack-mcp-server']?.entrypoint ?? ['', '', ''];
  const read = script.replaceAll('$$', '$').replaceAll('/run/secrets', folder);
  const path = `${join(folder, 'bin')}:${process.env['PATH']}`;
  return run(shell, [option, read], { env: { PATH: path } });
}

test('it is given the key of its clients and its token, from their files', async () => {
  writeFileSync(join(folder, 'api_key'), 'key-of-clients');
  expect((await start()).stdout).toBe('key-of-clients xoxb-made-up --transport http\n');
});

test.each(['an empty key', 'no key at all'])(
  'with %s, which would ask nobody, it does not start',
  async (what) => {
    if (what === 'an empty key') writeFileSync(join(folder, 'api_key'), '');
    await expect(start()).rejects.toMatchObject({
      stdout: '',
      stderr: expect.stringMatching(/SLACK_MCP_API_KEY: is empty: run scripts\/init-secrets/),
    });
  },
);
