import type { z } from 'zod';

export interface UnknownKey {
  readonly path: readonly (string | number)[];
  readonly known: readonly string[];
}

type Path = readonly (string | number)[];
/** The parts of zod 4's definitions that say what lies inside a schema. */
interface Definition {
  readonly type: string;
  readonly shape?: Record<string, z.core.$ZodType>;
  readonly catchall?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly innerType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly items?: readonly z.core.$ZodType[];
  readonly options?: readonly z.core.$ZodType[];
  readonly left?: z.core.$ZodType;
  readonly right?: z.core.$ZodType;
  readonly getter?: () => z.core.$ZodType;
}

/**
 * The keys of `value` that no object schema at their place knows. zod drops them silently from a plain `z.object`;
 * here a key that nobody reads is a mistake of the writer. `z.looseObject` and `z.record` take any key.
 */
export function unknownKeys(schema: z.core.$ZodType, value: unknown, path: Path = []): readonly UnknownKey[] {
  const definition: Definition = schema._zod.def;
  switch (definition.type) {
    case 'object':
      return isRecord(value) ? inObject(definition, value, path) : [];
    case 'array':
      return inList(value, path, () => definition.element);
    case 'tuple':
      return inList(value, path, (index) => definition.items?.[index]);
    case 'record':
      return isRecord(value) ? inRecord(definition, value, path) : [];
    case 'union':
      return inUnion(definition, value, path);
    case 'intersection':
      return inIntersection(definition, value, path);
    case 'lazy':
      return within(definition.getter?.(), value, path);
    default:
      return within(definition.innerType ?? definition.in, value, path);
  }
}

function within(schema: z.core.$ZodType | undefined, value: unknown, path: Path): readonly UnknownKey[] {
  return schema === undefined ? [] : unknownKeys(schema, value, path);
}

function inObject(definition: Definition, value: Record<string, unknown>, path: Path): readonly UnknownKey[] {
  const shape = definition.shape ?? {};
  // A strict object (catchall "never") reports its own; a loose one takes everything.
  const open = definition.catchall !== undefined;
  return Object.keys(value).flatMap((key) => {
    const inner = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (inner !== undefined) return unknownKeys(inner, value[key], [...path, key]);
    return open ? [] : [{ path: [...path, key], known: Object.keys(shape) }];
  });
}

function inRecord(definition: Definition, value: Record<string, unknown>, path: Path): readonly UnknownKey[] {
  return Object.entries(value).flatMap(([key, entry]) => within(definition.valueType, entry, [...path, key]));
}

function inList(
  value: unknown,
  path: Path,
  schemaAt: (index: number) => z.core.$ZodType | undefined,
): readonly UnknownKey[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry, index) => within(schemaAt(index), entry, [...path, index]));
}

/** Of the options that take the value, the one with the fewest unknown keys speaks. */
function inUnion(definition: Definition, value: unknown, path: Path): readonly UnknownKey[] {
  const found = (definition.options ?? [])
    .filter((option) => accepts(option, value))
    .map((option) => unknownKeys(option, value, path))
    .sort((left, right) => left.length - right.length);
  return found[0] ?? [];
}

/** Unknown is what neither side knows. */
function inIntersection(definition: Definition, value: unknown, path: Path): readonly UnknownKey[] {
  const right = within(definition.right, value, path);
  const rightPaths = new Set(right.map((unknown) => JSON.stringify(unknown.path)));
  return within(definition.left, value, path).filter(({ path: left }) =>
    rightPaths.has(JSON.stringify(left)),
  );
}

function accepts(schema: z.core.$ZodType, value: unknown): boolean {
  return (schema as z.ZodType).safeParse(value).success;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
