import { join } from 'node:path';
import { loadYaml } from '@fleet/shared/config';
import { z } from 'zod';

/** Which fleet is asked: containers of docker-compose.yml, or processes that this check started. */
export type Place = 'compose' | 'processes';

const schema = z.strictObject({
  empty: z.array(
    z.strictObject({
      /** A selector (every query that reads it may be empty), or a whole query. */
      expression: z.string().min(1),
      /** Why nothing can be there, in a sentence. */
      reason: z.string().min(20),
      /** The fleets in which it is empty; in every one when absent. */
      in: z.enum(['compose', 'processes']).optional(),
    }),
  ),
});

export type EmptyQuery = z.output<typeof schema>['empty'][number];

export function readEmptyQueries(root: string, place: Place): readonly EmptyQuery[] {
  const { empty } = loadYaml(join(root, 'grafana/empty-queries.yaml'), schema);
  return empty.filter((entry) => entry.in === undefined || entry.in === place);
}
