import type { Generated } from './generated-files.ts';
import { GENERATED_NOTE, table } from './markdown.ts';

/** A row of the gate's closed list of reasons. */
export interface PublishedRiskCode {
  readonly code: string;
  readonly order: number;
  readonly raisesOnly: boolean;
  readonly denies: string;
  readonly action: string;
}

const HEAD = `# Reasons for which risk refuses an order

${GENERATED_NOTE}

The gate checks in this order and stops at the first refusal. The code is the same in events, metrics, logs and
answers. "Raising only" are checks that judge only orders which raise a position's absolute size.
`;

export function riskCodeReference(codes: readonly PublishedRiskCode[]): Generated {
  const names = codes.map(({ code }) => code);
  const twice = names.filter((code, index) => names.indexOf(code) !== index);
  const rows = codes.map(({ order, code, raisesOnly, denies, action }) => [
    String(order),
    `\`${code}\``,
    raisesOnly ? 'raising only' : 'all',
    denies,
    action,
  ]);
  const content = `${HEAD}\n${table(['Check', 'Code', 'Orders', 'Refuses', 'What to do'], rows)}\n`;
  return {
    files: [{ path: 'docs/risk-codes.md', content }],
    problems: twice.map((code) => `docs/risk-codes.md: ${code} is on the list twice`),
  };
}
