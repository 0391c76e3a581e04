import type { ConfigFault } from '@fleet/shared/config';

const PLACEHOLDER = /\{\{([A-Z0-9_]+)\}\}/g;

/** The template with each {{NAME}} replaced; a name without a value is a fault with its line. */
export function fillTemplate(
  text: string,
  source: string,
  values: Readonly<Record<string, string>>,
  faults: ConfigFault[],
): string {
  return text
    .split('\n')
    .map((line, index) =>
      line.replace(PLACEHOLDER, (whole, name: string) => {
        const value = values[name];
        if (value !== undefined) return value;
        faults.push({
          name: `${source}:${index + 1}`,
          problem: `has the unknown placeholder ${whole}`,
          action: `known here: ${Object.keys(values).sort().join(', ')}`,
        });
        return whole;
      }),
    )
    .join('\n');
}
