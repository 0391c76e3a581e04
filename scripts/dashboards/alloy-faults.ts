import { type Block, parseAlloy, type Value } from './alloy-grammar.ts';

type Kind =
  | 'text'
  | 'duration'
  | 'size'
  | 'number'
  | 'boolean'
  | 'list'
  | 'fields'
  | 'reference'
  | 'references';
interface Shape {
  readonly attributes?: Readonly<Record<string, Kind>>;
  readonly blocks?: Readonly<Record<string, Shape>>;
}

/** The stages that are used, with their settings (loki.process of Alloy 1.18). */
const STAGES: Readonly<Record<string, Shape>> = {
  'stage.drop': { attributes: { longer_than: 'size', drop_counter_reason: 'text' } },
  'stage.json': { attributes: { expressions: 'fields', source: 'text' } },
  'stage.docker': {},
  'stage.replace': { attributes: { expression: 'text', replace: 'text', source: 'text' } },
  'stage.regex': { attributes: { expression: 'text', source: 'text' } },
  'stage.labels': { attributes: { values: 'fields' } },
  'stage.static_labels': { attributes: { values: 'fields' } },
  'stage.structured_metadata': { attributes: { values: 'fields' } },
  'stage.timestamp': { attributes: { source: 'text', format: 'text', action_on_failure: 'text' } },
  'stage.limit': { attributes: { rate: 'number', burst: 'number', drop: 'boolean' } },
  'stage.label_drop': { attributes: { values: 'list' } },
};
const MATCH: Shape = {
  attributes: { selector: 'text', action: 'text', drop_counter_reason: 'text' },
  blocks: STAGES,
};
const COMPONENTS: Readonly<Record<string, Shape>> = {
  logging: { attributes: { level: 'text', format: 'text' } },
  'local.file_match': {
    attributes: { path_targets: 'list', ignore_older_than: 'duration', sync_period: 'duration' },
  },
  'loki.source.file': {
    attributes: {
      targets: 'reference',
      forward_to: 'references',
      tail_from_end: 'boolean',
      on_positions_file_error: 'text',
    },
    blocks: {
      file_watch: { attributes: { min_poll_frequency: 'duration', max_poll_frequency: 'duration' } },
    },
  },
  'loki.process': { attributes: { forward_to: 'references' }, blocks: { ...STAGES, 'stage.match': MATCH } },
  'loki.write': {
    blocks: {
      endpoint: {
        attributes: {
          ...{ url: 'text', min_backoff_period: 'duration', max_backoff_period: 'duration' },
          ...{ max_backoff_retries: 'number', batch_size: 'size' },
        },
        blocks: { queue_config: { attributes: { capacity: 'size' } } },
      },
    },
  },
};
/** What a component hands to others. */
const EXPORTS: Readonly<Record<string, string>> = {
  'local.file_match': 'targets',
  'loki.process': 'receiver',
  'loki.write': 'receiver',
};
/** Fields of the fleet's lines and of the engine's envelope; a name beside them finds nothing, in silence. */
const LINE_FIELDS = new Set([
  ...['attrs.tag', 'level', 'time', 'requestId', 'audit.requestId', 'audit.traceparent'],
  ...['traceId', 'orderId', 'cycle'],
]);
const URL_OF_LOKI = 'http://loki:3100/loki/api/v1/push';

const isReference = (value: Value): value is { readonly reference: string } =>
  typeof value === 'object' && value !== null && 'reference' in value;
const fieldsOf = (value: Value | undefined): Readonly<Record<string, Value>> =>
  typeof value === 'object' && value !== null && 'fields' in value
    ? (value.fields as Readonly<Record<string, Value>>)
    : {};
const matches = (pattern: RegExp) => (value: Value) => typeof value === 'string' && pattern.test(value);

const IS: Readonly<Record<Kind, (value: Value) => boolean>> = {
  text: (value) => typeof value === 'string',
  duration: matches(/^\d+(ms|s|m|h)$/),
  size: matches(/^\d+(KiB|MiB)$/),
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  list: (value) => Array.isArray(value),
  fields: (value) => typeof value === 'object' && value !== null && 'fields' in value,
  reference: isReference,
  references: (value) => Array.isArray(value) && value.length > 0 && value.every(isReference),
};

/** What in a file of Alloy it would refuse, or take and find nothing; empty when it is right. */
export function alloyFaults(source: string): string[] {
  let blocks: readonly Block[];
  try {
    blocks = parseAlloy(source);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  return [
    ...shapeFaults(blocks, COMPONENTS, ''),
    ...labelFaults(blocks),
    ...referenceFaults(blocks),
    ...blocks.filter(({ name }) => name === 'loki.process').flatMap(nameFaults),
    ...addressFaults(blocks),
  ];
}

function shapeFaults(
  blocks: readonly Block[],
  known: Readonly<Record<string, Shape>>,
  where: string,
): string[] {
  return blocks.flatMap(({ name, attributes, blocks: inner }) => {
    const shape = known[name];
    if (shape === undefined) return [`${where}${name} is not known`];
    const faults = Object.entries(attributes).flatMap(([key, value]) => {
      const kind = shape.attributes?.[key];
      if (kind === undefined) return [`${where}${name}: ${key} is not known`];
      return IS[kind](value) ? [] : [`${where}${name}: ${key} is no ${kind}`];
    });
    return [...faults, ...shapeFaults(inner, shape.blocks ?? {}, `${where}${name} > `)];
  });
}

function labelFaults(blocks: readonly Block[]): string[] {
  const names = blocks.map(({ name, label }) => `${name} ${label ?? ''}`);
  return blocks.flatMap(({ name, label }, i) => [
    ...(name === 'logging' || /^[A-Za-z_]\w*$/.test(label ?? '') ? [] : [`${name} has no label`]),
    ...(names.indexOf(`${name} ${label ?? ''}`) === i ? [] : [`${name} "${label}" stands twice`]),
  ]);
}

function referenceFaults(blocks: readonly Block[]): string[] {
  const exported = blocks.map(({ name, label }) => `${name}.${label}.${EXPORTS[name] ?? '-'}`);
  const used = blocks.flatMap(({ attributes }) =>
    Object.values(attributes)
      .flatMap((value) => (Array.isArray(value) ? (value as readonly Value[]) : [value]))
      .filter(isReference)
      .map(({ reference }) => reference),
  );
  return [
    ...used.filter((name) => !exported.includes(name)).map((name) => `${name} is of no component`),
    // What nobody asks for is a line that leads nowhere.
    ...exported
      .filter((name) => !name.endsWith('.-') && !used.includes(name))
      .map((name) => `${name} goes nowhere`),
  ];
}

/** A label, a time or a text of a stage is one that a stage before has found. */
function nameFaults({ blocks }: Block): string[] {
  const found = new Set<Value>();
  return blocks.flatMap(({ name, attributes }) => {
    const faults: string[] = [];
    const source = attributes['source'];
    if (source !== undefined && !found.has(source))
      faults.push(`${name}: ${String(source)} was not found before`);
    if (name === 'stage.json')
      for (const [key, path] of Object.entries(fieldsOf(attributes['expressions']))) {
        found.add(key);
        const unknown = String(path)
          .split(' || ')
          .filter((each) => !LINE_FIELDS.has(each));
        faults.push(...unknown.map((each) => `${name}: no line has ${each}`));
      }
    if (name === 'stage.regex')
      for (const [, group = ''] of String(attributes['expression']).matchAll(/\(\?P<(\w+)>/g))
        found.add(group);
    if (name === 'stage.labels' || name === 'stage.structured_metadata')
      for (const [label, from] of Object.entries(fieldsOf(attributes['values']))) {
        if (!/^[A-Za-z_]\w*$/.test(label)) faults.push(`${name}: ${label} is no name`);
        if (!found.has(from)) faults.push(`${name}: ${String(from)} was not found before`);
      }
    return faults;
  });
}

function addressFaults(blocks: readonly Block[]): string[] {
  const endpoints = blocks.filter(({ name }) => name === 'loki.write').flatMap((block) => block.blocks);
  const urls = endpoints.map(({ attributes }) => attributes['url']);
  return urls.length === 1 && urls[0] === URL_OF_LOKI ? [] : [`lines go to ${urls.map(String).join()}`];
}
