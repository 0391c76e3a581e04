import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { physicalKey } from './keys.ts';
import type { OutboxRow } from './outgoing.ts';

/**
 * Appends entries in order and stops at the first that fails, so that no later one can stand before it. The marker
 * tells after a loss of Redis how far its streams had come: it is written with them, to the same slot, and without it
 * nothing is appended, because then earlier entries are gone too and have to be repeated first.
 * KEYS: marker, then stream keys. ARGV: marker value, 1 when the marker may be missing, then for each entry the index
 * of its key, the number of its fields, its fields.
 */
const SCRIPT = `
if ARGV[2] ~= '1' and redis.call('EXISTS', KEYS[1]) == 0 then
  return redis.error_reply('FLEETLOST the marker of this publisher is gone')
end
local i = 3
while i <= #ARGV do
  local count = tonumber(ARGV[i + 1])
  redis.call('XADD', KEYS[tonumber(ARGV[i])], '*', unpack(ARGV, i + 2, i + 1 + count))
  i = i + 2 + count
end
redis.call('SET', KEYS[1], ARGV[1])
return #KEYS
`;
const HASH = createHash('sha1').update(SCRIPT).digest('hex');

/** Entries for one script call: it holds the server for about a millisecond. */
export const APPEND_MAX = 256;

export interface Append {
  readonly target: number;
  readonly rows: readonly OutboxRow[];
  readonly markerKey: string;
  readonly markerValue: string;
  /** While what was lost is being repeated. */
  readonly markerMayBeMissing: boolean;
}

/** Before the first append on a connection. */
export async function loadAppendScript(redis: Redis): Promise<void> {
  await redis.script('LOAD', SCRIPT);
}

/** Appends rows that all go to one partition, sent before this returns. Resolves when every entry is in. */
export async function appendRows(redis: Redis, append: Append): Promise<void> {
  const keys: string[] = [append.markerKey];
  const indexes = new Map<string, string>();
  const args: string[] = [append.markerValue, append.markerMayBeMissing ? '1' : '0'];
  for (const row of append.rows) {
    let index = indexes.get(row.stream);
    if (index === undefined) {
      index = String(keys.push(physicalKey(row.stream, append.target)));
      indexes.set(row.stream, index);
    }
    args.push(index, String(row.fields.length), ...row.fields);
  }
  await redis.evalsha(HASH, keys.length, ...keys, ...args);
}

/** Rows in order, cut into runs that go to one partition and fit one call. */
export function* appendRuns(rows: readonly OutboxRow[]): Generator<readonly OutboxRow[]> {
  for (let from = 0; from < rows.length; ) {
    let to = from + 1;
    while (to < rows.length && to - from < APPEND_MAX && rows[to]?.target === rows[from]?.target) to += 1;
    yield rows.slice(from, to);
    from = to;
  }
}
