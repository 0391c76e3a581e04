import { describe, expect, it } from 'vitest';
import {
  codeFindings,
  FILE_LINES_MAX,
  FUNCTION_LINES_MAX,
  MAIN_LINES_MAX,
  TIDY_RULES,
  textFindings,
} from './tidy-rules.ts';

function rulesFor(path: string, text: string) {
  const files = [{ path, text }];
  const code = /\.[jt]s$/.test(path) ? codeFindings(files) : [];
  return [...code, ...textFindings(files)].map((finding) => finding.rule);
}

const lines = (count: number) => 'export {};\n'.repeat(count);
const longFunction = (count: number) => `export function long() {\n${'  step();\n'.repeat(count - 2)}}\n`;
const domain = 'packages/domain/src/orders/order.ts';
const service = 'services/risk-manager/src/compose.ts';
const shared = 'packages/shared/src/http/app.ts';
const left = { fixme: 'FIX' + 'ME', todo: 'TO' + 'DO' };

const BROKEN = {
  'banned-call': [
    [domain, 'export const now = Date.now();'],
    [domain, 'export const clock = { now: Date.now };'],
    [domain, 'export const now = new Date();'],
    [domain, 'export const chance = Math.random();'],
    [domain, 'export const given = process.env;'],
    [domain, "console.error('no');"],
    [domain, 'setTimeout(run, 5);'],
    [service, "console.log('hello');"],
    [shared, 'export const id = Math.random();'],
  ],
  'function-too-long': [
    [service, longFunction(FUNCTION_LINES_MAX + 1)],
    [service, `export const a = () => {\n${'  step();\n'.repeat(FUNCTION_LINES_MAX)}};\n`],
    ['scripts/demo.ts', `class A {\n  m() {\n${'    step();\n'.repeat(FUNCTION_LINES_MAX)}  }\n}\n`],
  ],
  'file-too-long': [[service, lines(FILE_LINES_MAX + 1)]],
  leftover: [
    [service, `// ${left.fixme}: later\n`],
    ['docs/architecture.md', `${left.todo} write this\n`],
    ['config/risk.yaml', `# ${left.todo}\n`],
  ],
  'focused-or-skipped-test': [
    ['services/risk-manager/src/a.test.ts', "it.skip('x', () => {});"],
    ['services/risk-manager/src/a.test.ts', "describe.only('x', () => {});"],
    ['packages/domain/src/orders/order.test.ts', "test.todo('x');"],
  ],
  cast: [
    [service, 'export const a = b as any;'],
    [service, 'export const a = b as unknown as string;'],
  ],
  'name-says-nothing': [
    ['services/risk-manager/src/utils.ts', 'export {};'],
    ['packages/shared/src/common/clock.ts', 'export {};'],
    ['packages/shared/src/http/types.ts', 'export {};'],
  ],
  'main-too-long': [['services/risk-manager/src/main.ts', lines(MAIN_LINES_MAX + 1)]],
  'service-without-readme': [['services/risk-manager/package.json', '{}']],
  workplace: [
    ['README.md', `see /wo${'rk'}/main\n`],
    [service, '// the design, A\u00a74\n'],
    ['docs/a.md', `from shared/${'design'}/style.md`],
  ],
} satisfies Record<(typeof TIDY_RULES)[number], [string, string][]>;

describe.each(TIDY_RULES)('%s', (rule) => {
  it.each<[string, string]>(BROKEN[rule])('fires in %s', (path, text) => {
    expect(rulesFor(path, text)).toEqual([rule]);
  });
});

describe('allowed', () => {
  it.each([
    [domain, 'export const day = new Date(at);'],
    [domain, 'export const upper = Math.max(1, 2);'],
    ['packages/domain/src/orders/order.test.ts', 'const now = Date.now(); const a = b as unknown as string;'],
    [service, 'export const options = { random: Math.random };'],
    [service, longFunction(FUNCTION_LINES_MAX)],
    [service, lines(FILE_LINES_MAX)],
    ['services/risk-manager/src/a.test.ts', lines(FILE_LINES_MAX + 1)],
    ['packages/domain/src/generated/schemas.ts', lines(FILE_LINES_MAX + 1)],
    [
      'services/risk-manager/src/a.test.ts',
      "it.skipIf(root)('x', () => {});\nit.runIf(root)('y', () => {});",
    ],
    ['services/risk-manager/src/main.ts', lines(MAIN_LINES_MAX)],
    ['packages/domain/src/bars/bar-types.ts', 'export const upTo = [1] as const;'],
    ['docs/a.md', 'the network/work/flow of each; mktemp -d x.XXXXXX\n'],
  ])('%s: %.40s', (path, text) => {
    expect(rulesFor(path, text)).toEqual([]);
  });

  it('a service with its README', () => {
    const files = ['package.json', 'README.md'].map((name) => ({
      path: `services/risk-manager/${name}`,
      text: '',
    }));
    expect(textFindings(files)).toEqual([]);
  });
});
