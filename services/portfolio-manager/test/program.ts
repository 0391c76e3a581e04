import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceProgram } from '@fleet/testkit/services';
import { CONFIG, PORTFOLIO_YAML, RUN } from './inputs.ts';

export const PROGRAM: ServiceProgram = {
  home: join(import.meta.dirname, '..'),
  schema: 'portfolio',
  run: RUN,
  furnish(folder) {
    cpSync(CONFIG, join(folder, 'config'), { recursive: true });
    writeFileSync(join(folder, 'config/portfolio.yaml'), PORTFOLIO_YAML);
  },
};
