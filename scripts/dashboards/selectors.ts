import { z } from 'zod';

const selector = z.object({
  type: z.enum(['vectorSelector', 'matrixSelector']),
  name: z.string(),
  matchers: z.array(z.object({ name: z.string(), type: z.string(), value: z.string() })),
});

/**
 * The series that a query reads, from Prometheus's tree of it: each selector once, in one spelling (labels by name, the
 * metric's name in front, no range and no offset), without the labels that are named.
 */
export function selectorsOf(tree: unknown, without: ReadonlySet<string> = new Set()): readonly string[] {
  const found = new Set<string>();
  visit(tree, (each) => found.add(written(each, without)));
  return [...found].sort();
}

type Selector = z.output<typeof selector>;

function visit(node: unknown, take: (each: Selector) => void): void {
  if (typeof node !== 'object' || node === null) return;
  const parsed = selector.safeParse(node);
  if (parsed.success) take(parsed.data);
  for (const child of Object.values(node)) visit(child, take);
}

function written({ name, matchers }: Selector, without: ReadonlySet<string>): string {
  const labels = matchers
    .filter((matcher) => matcher.name !== '__name__' && !without.has(matcher.name))
    .map((matcher) => `${matcher.name}${matcher.type}${JSON.stringify(matcher.value)}`)
    .sort();
  const metric = name === '' ? (matchers.find((matcher) => matcher.name === '__name__')?.value ?? '') : name;
  return labels.length === 0 ? metric : `${metric}{${labels.join(', ')}}`;
}
