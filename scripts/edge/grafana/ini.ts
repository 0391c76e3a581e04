export type Ini = ReadonlyMap<string, ReadonlyMap<string, string>>;

const QUOTES = '"""';

/**
 * The part of Grafana's configuration language that grafana.ini uses, as gopkg.in/ini.v1 1.67, which Grafana loads it with,
 * reads it: `#` and `;` end a value wherever they stand, unless it is in triple quotes; keys before the first section
 * belong to "DEFAULT".
 */
export function parseIni(text: string): Ini {
  let keys = new Map<string, string>();
  const sections = new Map([['DEFAULT', keys]]);
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || /^[#;]/.test(line)) continue;
    const section = /^\[([^\]]+)\]$/.exec(line)?.[1];
    if (section !== undefined) {
      keys = sections.get(section) ?? new Map<string, string>();
      sections.set(section, keys);
      continue;
    }
    const [, name, value] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new Error(`line ${index + 1} is no setting: ${line}`);
    keys.set(name, readValue(value, index + 1));
  }
  return sections;
}

function readValue(text: string, line: number): string {
  if (!text.startsWith(QUOTES)) return (/^[^#;]*/.exec(text)?.[0] ?? '').trim();
  const end = text.indexOf(QUOTES, QUOTES.length);
  if (end < 0) throw new Error(`line ${line} has no closing quotes`);
  return text.slice(QUOTES.length, end);
}
