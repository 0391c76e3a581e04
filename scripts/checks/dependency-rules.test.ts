import { describe, expect, it } from 'vitest';
import { DEPENDENCY_RULES, dependencyFindings, type Manifests } from './dependency-rules.ts';

const manifests: Manifests = new Map([
  ['', { devDependencies: { vitest: '1', 'fast-check': '1', '@fleet/domain': 'workspace:*' } }],
  ['packages/domain', { dependencies: { zod: '1', 'decimal.js': '1' } }],
  ['packages/shared', { dependencies: { '@fleet/domain': 'workspace:*', express: '1', pg: '1' } }],
  [
    'packages/testkit',
    { dependencies: { '@fleet/domain': 'workspace:*', '@fleet/exchange-simulator': 'workspace:*' } },
  ],
  ['packages/exchange-simulator', { dependencies: { '@fleet/domain': 'workspace:*', ws: '1' } }],
  [
    'services/risk-manager',
    {
      dependencies: {
        '@fleet/domain': 'workspace:*',
        '@fleet/shared': 'workspace:*',
        '@fleet/testkit': 'workspace:*',
      },
      devDependencies: { supertest: '1' },
    },
  ],
]);

function rulesFor(path: string, text: string) {
  return dependencyFindings([{ path, text }], manifests).map((finding) => finding.rule);
}

const BROKEN = {
  'domain-is-pure': [
    ['packages/domain/src/money/money.ts', "import { Pool } from 'pg';"],
    ['packages/domain/src/money/money.ts', "import { readFileSync } from 'node:fs';"],
    ['packages/domain/src/money/money.ts', "import { createHash } from 'node:crypto';"],
    ['packages/domain/src/money/money.ts', "import type { Redis } from 'ioredis';"],
    ['packages/domain/src/money/money.ts', "export { x } from '@fleet/shared/errors';"],
  ],
  'shared-knows-no-trading': [
    ['packages/shared/src/streams/outbox.ts', "import { order } from '@fleet/domain/orders';"],
    ['packages/shared/src/streams/outbox.ts', "import type { Event } from '@fleet/domain/events';"],
    ['packages/shared/src/streams/outbox.ts', "type Order = import('@fleet/domain/orders').Order;"],
  ],
  'service-imports-service': [
    ['services/risk-manager/src/compose.ts', "import { x } from '@fleet/trade-executor/http/routes';"],
    ['services/risk-manager/src/compose.test.ts', "import { x } from '@fleet/trade-executor/http/routes';"],
    ['packages/shared/src/http/app.ts', "import { x } from '@fleet/orchestrator/main';"],
  ],
  'test-only-package': [
    ['services/risk-manager/src/compose.ts', "import { fake } from '@fleet/testkit/infrastructure';"],
    ['packages/shared/src/http/app.ts', "const { x } = await import('@fleet/exchange-simulator');"],
  ],
  undeclared: [
    ['services/risk-manager/src/compose.ts', "import express from 'express';"],
    ['services/risk-manager/src/compose.ts', "import supertest from 'supertest';"],
    ['services/risk-manager/src/compose.ts', "import fc from 'fast-check';"],
    ['scripts/demo.ts', "import chalk from 'chalk';"],
  ],
  'leaves-package': [
    ['services/risk-manager/src/compose.ts', "import { x } from '../../trade-executor/src/main.ts';"],
    ['packages/shared/src/http/app.ts', "export * from '../../../domain/src/index.ts';"],
    ['scripts/demo.ts', "import { x } from '../../elsewhere/x.ts';"],
  ],
  'bare-builtin': [['services/risk-manager/src/compose.ts', "import { readFile } from 'fs/promises';"]],
  'computed-import': [
    ['packages/shared/src/http/app.ts', 'export const load = (name: string) => import(name);'],
  ],
} satisfies Record<(typeof DEPENDENCY_RULES)[number], [string, string][]>;

describe.each(DEPENDENCY_RULES)('%s', (rule) => {
  it.each<[string, string]>(BROKEN[rule])('fires in %s on %s', (path, text) => {
    expect(rulesFor(path, text)).toEqual([rule]);
  });
});

describe('allowed', () => {
  it.each([
    ['packages/domain/src/ids/uuid.ts', "import { createHash } from 'node:crypto';"],
    [
      'packages/domain/src/events/id.ts',
      "import { createHash } from 'node:crypto';\nimport { z } from 'zod';",
    ],
    [
      'packages/domain/src/money/money.ts',
      "import { Decimal } from 'decimal.js';\nimport { x } from '../ids/uuid.ts';",
    ],
    [
      'packages/domain/src/money/money.test.ts',
      "import fc from 'fast-check';\nimport { readFileSync } from 'node:fs';",
    ],
    ['packages/shared/src/streams/outbox.ts', "import { envelope } from '@fleet/domain/events/envelope';"],
    ['packages/exchange-simulator/src/market/market.ts', "import { match } from '@fleet/domain/matching';"],
    [
      'packages/testkit/src/infrastructure/x.ts',
      "import { inject } from 'vitest';\nimport '@fleet/exchange-simulator';",
    ],
    [
      'services/risk-manager/src/compose.ts',
      "import { gate } from '@fleet/domain/risk';\nimport x from '@fleet/shared/http';",
    ],
    ['services/risk-manager/src/compose.test.ts', "import { it } from 'vitest';\nimport s from 'supertest';"],
    [
      'services/risk-manager/src/compose.int.test.ts',
      "import { testRedis } from '@fleet/testkit/infrastructure';",
    ],
    ['scripts/generate.ts', "import { routes } from '../services/risk-manager/src/http/routes.ts';"],
    [
      'services/risk-manager/src/compose.ts',
      "// import { x } from 'nowhere';\nexport const text = \"import 'nowhere'\";",
    ],
  ])('%s: %s', (path, text) => {
    expect(rulesFor(path, text)).toEqual([]);
  });
});

it('names the line', () => {
  const text = "import { z } from 'zod';\n\nimport pg from 'pg';\n";
  const [finding] = dependencyFindings([{ path: 'packages/domain/src/x/x.ts', text }], manifests);
  expect(finding).toMatchObject({ path: 'packages/domain/src/x/x.ts', line: 3 });
});

it('refuses a file that does not parse', () => {
  expect(() => dependencyFindings([{ path: 'scripts/x.ts', text: 'import from from;' }], manifests)).toThrow(
    /scripts\/x\.ts does not parse/,
  );
});
