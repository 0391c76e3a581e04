import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceProgram } from '@fleet/testkit/services';
import { CONFIG, KEYS, RUN } from './inputs.ts';

export const PROGRAM: ServiceProgram = {
  home: join(import.meta.dirname, '..'),
  schema: 'risk',
  run: RUN,
  furnish(folder) {
    cpSync(CONFIG, join(folder, 'config'), { recursive: true });
    writeFileSync(join(folder, 'risk.key'), KEYS.privateKey, { mode: 0o400 });
  },
  env: (folder) => ({ RISK_SIGNING_KEY_FILE: join(folder, 'risk.key') }),
};
