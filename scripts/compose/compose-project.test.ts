import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ComposeProject } from './compose-project.ts';

const ACTIVE =
  'failed to remove network p_agents: error while removing network: p_agents has active endpoints';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compose-project-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A `docker` whose `compose down` fails so often, and leaves a network until it holds. */
function engine(failures: number): ComposeProject {
  const script = `#!/bin/bash
cd ${JSON.stringify(folder)}
if [[ " $* " == *" down "* ]]; then
  echo x >>downs
  echo "$*" >>asked
  if (( $(wc -l <downs) <= ${failures} )); then echo ${JSON.stringify(ACTIVE)} >&2; exit 1; fi
elif [[ $1 == network && $(wc -l <downs) -le ${failures} ]]; then echo abc123
fi
`;
  writeFileSync(join(folder, 'docker'), script);
  chmodSync(join(folder, 'docker'), 0o755);
  const env = { PATH: `${folder}:${process.env['PATH']}` };
  return new ComposeProject({
    name: 'p',
    root: folder,
    signal: new AbortController().signal,
    env,
    files: [],
  });
}

const asked = () => readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n');

describe('taking a project down', () => {
  it('asks again while the engine still holds a network', async () => {
    await engine(1).takeDown({ graceSeconds: 3, images: true, pauseMs: 1 });
    expect(asked()).toHaveLength(2);
    expect(asked()[1]).toMatch(/--project-name p down --volumes --remove-orphans --rmi local --timeout 3$/);
  });

  it('asks once when that was enough, and leaves images', async () => {
    await engine(0).takeDown({ graceSeconds: 1, pauseMs: 1 });
    expect(asked()).toHaveLength(1);
    expect(asked()[0]).not.toContain('--rmi');
  });

  it('says what is left, and the engine’s reason, when that does not end', async () => {
    const down = engine(99).takeDown({ graceSeconds: 1, pauseMs: 1 });
    await expect(down).rejects.toThrow(/left behind: network abc123.*has active endpoints/s);
  });
});
