import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const ruleFile = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.union([
          z.looseObject({ record: z.string(), expr: z.coerce.string() }),
          z.looseObject({ alert: z.string(), expr: z.coerce.string() }),
        ]),
      ),
    }),
  ),
});

export interface Rule {
  readonly kind: 'alert' | 'recording';
  readonly name: string;
  readonly expr: string;
}

/** Every rule of every file in the folder. @throws when there is none, or a file is no rule file. */
export function readRules(folder: string): readonly Rule[] {
  const rules = readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .flatMap((name) => ruleFile.parse(parse(readFileSync(join(folder, name), 'utf8'))).groups)
    .flatMap((group) => group.rules)
    .map(
      (rule): Rule =>
        'record' in rule
          ? { kind: 'recording', name: String(rule.record), expr: rule.expr }
          : { kind: 'alert', name: String(rule.alert), expr: rule.expr },
    );
  if (rules.length === 0) throw new Error(`${folder} holds no rules`);
  return rules;
}
