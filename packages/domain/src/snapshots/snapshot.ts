/** A stored state does not fit the code or the parameters that it is to continue under. */
export class SnapshotShapeError extends Error {
  override readonly name = 'SnapshotShapeError';
  readonly code = 'SNAPSHOT_SHAPE_INVALID';
  readonly retry = 'crash';
  readonly action =
    'Start without this snapshot: delete the stored state, so that it warms up again from bars.';
  readonly path: string;

  constructor(path: string, expected: string, found: unknown) {
    super(`The snapshot has ${describe(found)} at ${path}, where ${expected} belongs.`);
    this.path = path;
  }
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}

/** Fields that the parameters fix: a snapshot taken under other ones is refused. */
const FIXED: ReadonlySet<string> = new Set(['period', 'width']);

/**
 * A deep copy of a state made of finite numbers, booleans, texts, lists and objects. It goes through JSON, so what
 * is stored and what is copied are the same; doubles survive exactly (−0 becomes 0, which compares equal).
 */
export function copyState<T>(state: T): T {
  return JSON.parse(JSON.stringify(state)) as T;
}

/**
 * Gives the stored state in the shape of a fresh one (`template`): same keys, kinds and list lengths, numbers
 * finite, and the fields that parameters fix unchanged. Throws SnapshotShapeError naming the path.
 */
export function restoreState<T>(template: T, stored: unknown): T {
  return restore(template, stored, 'state') as T;
}

function restore(template: unknown, stored: unknown, path: string): unknown {
  if (Array.isArray(template)) return restoreList(template, stored, path);
  if (typeof template === 'object' && template !== null) return restoreObject(template, stored, path);
  if (typeof stored !== typeof template) throw new SnapshotShapeError(path, `a ${typeof template}`, stored);
  if (typeof stored === 'number' && !Number.isFinite(stored)) {
    throw new SnapshotShapeError(path, 'a finite number', stored);
  }
  return stored;
}

function restoreList(template: readonly unknown[], stored: unknown, path: string): unknown[] {
  if (!Array.isArray(stored) || stored.length !== template.length) {
    throw new SnapshotShapeError(path, `a list of ${template.length}`, stored);
  }
  return template.map((item, index) => restore(item, stored[index], `${path}[${index}]`));
}

function restoreObject(template: object, stored: unknown, path: string): Record<string, unknown> {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) {
    throw new SnapshotShapeError(path, 'an object', stored);
  }
  const found = new Map<string, unknown>(Object.entries(stored));
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(template)) {
    const value = restore(item, found.get(key), `${path}.${key}`);
    if (FIXED.has(key) && value !== item) throw new SnapshotShapeError(`${path}.${key}`, String(item), value);
    result[key] = value;
    found.delete(key);
  }
  const [unknownKey] = found.keys();
  if (unknownKey !== undefined)
    throw new SnapshotShapeError(`${path}.${unknownKey}`, 'nothing', found.get(unknownKey));
  return result;
}
