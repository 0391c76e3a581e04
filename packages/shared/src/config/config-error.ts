import { defineError, isSecretName, redactText } from '../errors/index.ts';

/** One thing wrong with the configuration. `got` is undefined when nothing was given. */
export interface ConfigFault {
  /** The variable, or `file:line path` for a file. */
  readonly name: string;
  readonly problem: string;
  readonly got?: unknown;
  readonly action?: string;
}

const CONFIG_ACTION =
  "Correct every line listed, then start again. .env.example and the service's README name each setting.";
const GOT_CHARACTERS_MAX = 80;

const ConfigInvalid = defineError({
  code: 'CONFIG_INVALID',
  title: 'The configuration is not valid',
  status: 500,
  retry: 'crash',
  action: CONFIG_ACTION,
});

/** Every fault of one reading of the configuration, in one error. Secrets are never quoted. */
export class ConfigError extends ConfigInvalid {
  readonly faults: readonly ConfigFault[];

  constructor(source: string, faults: readonly ConfigFault[]) {
    const lines = faults.map((fault) => `  - ${faultLine(fault)}`);
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    super(`${source}: ${count}\n${lines.join('\n')}`, {
      context: { source, names: faults.map(({ name }) => name) },
    });
    this.faults = faults;
  }
}

function faultLine(fault: ConfigFault): string {
  const action = fault.action === undefined ? '' : ` → ${fault.action}`;
  return `${fault.name}: ${fault.problem}${gotText(fault)}${action}`;
}

function gotText({ name, got }: ConfigFault): string {
  if (got === undefined) return '';
  if (isSecretName(name)) return ' (got a value that is not shown)';
  const text = redactText(
    typeof got === 'string' ? JSON.stringify(got) : (JSON.stringify(got) ?? typeof got),
  );
  return ` (got ${text.length > GOT_CHARACTERS_MAX ? `${text.slice(0, GOT_CHARACTERS_MAX)}…` : text})`;
}
