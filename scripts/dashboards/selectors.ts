import { z } from 'zod';

const selector = z.object({
  type: z.enum(['vectorSelector', 'matrixSelector']),
  name: z.string(),
  matchers: z.array(z.object({ name: z.string(), type: z.string(), value: z.string() })),
});

/**
 * The series that a query reads, from Prometheus's tree of it: each selector once, in one spelling (labels by name, the
 * metric's name in front, no range and no offset).
 */
export function selectorsOf(tree: unknown): readonly string[] {
  const found = new Set<string>();
  visit(tree, found);
  return [...found].sort();
}

function visit(node: unknown, found: Set<string>): void {
  if (typeof node !== 'object' || node === null) return;
  const parsed = selector.safeParse(node);
  if (parsed.success) found.add(written(parsed.data));
  for (const child of Object.values(node)) visit(child, found);
}

function written({ name, matchers }: z.output<typeof selector>): string {
  const labels = matchers
    .filter((matcher) => matcher.name !== '__name__')
    .map((matcher) => `${matcher.name}${matcher.type}${JSON.stringify(matcher.value)}`)
    .sort();
  const metric = name === '' ? (matchers.find((matcher) => matcher.name === '__name__')?.value ?? '') : name;
  return labels.length === 0 ? metric : `${metric}{${labels.join(', ')}}`;
}
