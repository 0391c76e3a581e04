import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { unknownKeys } from './index.ts';

const point = z.object({ x: z.number() });

describe('unknownKeys', () => {
  it.each([
    ['an object', point, { x: 1, y: 2 }, ['y']],
    ['an object in an object', z.object({ p: point }), { p: { x: 1, y: 2 } }, ['p.y']],
    ['an array', z.array(point), [{ x: 1 }, { x: 1, y: 2 }], ['1.y']],
    ['a tuple', z.tuple([point, point]), [{ x: 1 }, { z: 2 }], ['1.z']],
    ['a record', z.record(z.string(), point), { any: { x: 1, y: 2 } }, ['any.y']],
    [
      'optional, nullable, default, readonly',
      point.optional().nullable().default(null).readonly(),
      { y: 1 },
      ['y'],
    ],
    ['a transform', point.transform((p) => p.x), { x: 1, y: 2 }, ['y']],
    ['a refinement', point.refine(() => true), { x: 1, y: 2 }, ['y']],
    ['lazy', z.lazy(() => point), { x: 1, y: 2 }, ['y']],
    ['a union', z.union([z.object({ a: z.string() }), point]), { x: 1, y: 2 }, ['y']],
    [
      'the best option of a union',
      z.union([point, z.object({ x: z.number(), y: z.number() })]),
      { x: 1, y: 2 },
      [],
    ],
    [
      'a discriminated union',
      z.discriminatedUnion('k', [
        z.object({ k: z.literal('a'), x: z.number() }),
        z.object({ k: z.literal('b') }),
      ]),
      { k: 'b', x: 1 },
      ['x'],
    ],
    ['an intersection', z.intersection(point, z.object({ y: z.number() })), { x: 1, y: 2, z: 3 }, ['z']],
    ['a loose object', z.looseObject({ p: point }), { q: 1, p: { y: 1 } }, ['p.y']],
    ['a strict object, which reports its own', z.strictObject({ x: z.number() }), { y: 1 }, []],
    [
      'the name of a method of Object',
      point,
      JSON.parse('{"x":1,"constructor":1,"__proto__":2}'),
      ['constructor', '__proto__'],
    ],
    ['unknown', z.unknown(), { y: 1 }, []],
    ['another type than the schema', point, 'text', []],
  ])('sees through %s', (_name, schema: z.ZodType, value: unknown, expected) => {
    expect(unknownKeys(schema, value).map(({ path }) => path.join('.'))).toEqual(expected);
  });
});
