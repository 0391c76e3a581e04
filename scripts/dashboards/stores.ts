import { above, dashboard, lines, NONE_IS_WELL, query, stat } from './panels.ts';

export const stores = dashboard({
  uid: 'fleet-stores',
  title: 'Postgres and Redis',
  description:
    'The record and the streams: whether they answer, how full they are, and what they are busy with.',
  tags: ['fleet'],
  variables: 'none',
  from: 'now-3h',
  refresh: '30s',
  sections: [
    {
      title: 'At a glance',
      bands: [
        {
          height: 4,
          panels: [
            stat('Postgres', 'Whether Postgres answers its exporter.', 'none', 'postgres', 'max(pg_up)', {
              words: { '0': ['away', 'red'], '1': ['answers', 'green'] },
              runbook: 'scrape-target-down',
            }),
            stat(
              'Connections',
              'Share of the allowed connections to Postgres that is in use. Eight a service are planned.',
              'percentunit',
              'postgres',
              'sum(pg_stat_activity_count) / max(pg_settings_max_connections)',
              { decimals: 0, steps: above(0.7, 0.9) },
            ),
            stat(
              'Size of the database',
              'Record of all services, indexes among it.',
              'bytes',
              'postgres',
              'sum(pg_database_size_bytes{datname!~"template[01]"})',
              { decimals: 1 },
            ),
            stat('Redis', 'Whether Redis answers its exporter.', 'none', 'redis', 'max(redis_up)', {
              words: { '0': ['away', 'red'], '1': ['answers', 'green'] },
              runbook: 'scrape-target-down',
            }),
            stat(
              'Memory of Redis',
              'Share of maxmemory in use. Nothing is evicted: at the limit writes are refused and events wait in their outboxes.',
              'percentunit',
              'redis',
              'max(redis_memory_used_bytes) / (max(redis_memory_max_bytes) > 0)',
              { decimals: 0, steps: above(0.7, 0.85), noValue: 'no limit set' },
            ),
            stat(
              'Last write of the append-only file',
              'Whether Redis could write what it was told to keep.',
              'none',
              'redis',
              'min(redis_aof_last_write_status)',
              { words: { '0': ['failed', 'red'], '1': ['ok', 'green'] } },
            ),
            stat(
              'Evicted keys',
              'Keys that Redis threw away in an hour. With noeviction it has to be none.',
              'none',
              'redis',
              'sum(increase(redis_evicted_keys_total[1h]))',
              { decimals: 0, steps: NONE_IS_WELL },
            ),
          ],
        },
      ],
    },
    {
      title: 'Postgres',
      bands: [
        {
          height: 8,
          panels: [
            lines(
              'Transactions',
              'Commits and rollbacks a second in the database of the fleet.',
              'ops',
              'postgres',
              [
                query(
                  'sum(rate(pg_stat_database_xact_commit{datname!~"template[01]"}[$__rate_interval]))',
                  'commits',
                ),
                query(
                  'sum(rate(pg_stat_database_xact_rollback{datname!~"template[01]"}[$__rate_interval]))',
                  'rollbacks',
                ),
              ],
              { min: 0 },
            ),
            lines(
              'Connections by state',
              'Idle in transaction for long holds back the clean-up of old rows.',
              'none',
              'postgres',
              [query('sum by (state) (pg_stat_activity_count)', '{{state}}')],
              { min: 0, stacked: true },
            ),
            lines(
              'Reads from memory',
              'Share of block reads that were answered from shared buffers.',
              'percentunit',
              'postgres',
              'sum(rate(pg_stat_database_blks_hit{datname!~"template[01]"}[$__rate_interval])) / (sum(rate(pg_stat_database_blks_hit{datname!~"template[01]"}[$__rate_interval])) + sum(rate(pg_stat_database_blks_read{datname!~"template[01]"}[$__rate_interval])))',
              { min: 0, max: 1, decimals: 2 },
            ),
          ],
        },
        {
          height: 8,
          panels: [
            lines(
              'Locks',
              'Locks held or waited for, by mode.',
              'none',
              'postgres',
              [query('sum by (mode) (pg_locks_count{datname!~"template[01]"})', '{{mode}}')],
              { min: 0 },
            ),
            lines(
              'Rows written',
              'Rows inserted, updated and deleted a second.',
              'ops',
              'postgres',
              [
                query(
                  'sum(rate(pg_stat_database_tup_inserted{datname!~"template[01]"}[$__rate_interval]))',
                  'inserted',
                ),
                query(
                  'sum(rate(pg_stat_database_tup_updated{datname!~"template[01]"}[$__rate_interval]))',
                  'updated',
                ),
                query(
                  'sum(rate(pg_stat_database_tup_deleted{datname!~"template[01]"}[$__rate_interval]))',
                  'deleted',
                ),
              ],
              { min: 0 },
            ),
            lines(
              'Deadlocks and growth',
              'Deadlocks in an hour; every one was repeated by the service it hit.',
              'none',
              'postgres',
              'sum(increase(pg_stat_database_deadlocks{datname!~"template[01]"}[1h]))',
              { min: 0, decimals: 0, steps: above(1, 10) },
            ),
          ],
        },
      ],
    },
    {
      title: 'Redis',
      bands: [
        {
          height: 8,
          panels: [
            lines(
              'Commands',
              'Commands a second that Redis answered.',
              'ops',
              'redis',
              'sum(rate(redis_commands_processed_total[$__rate_interval]))',
              { min: 0 },
            ),
            lines(
              'Memory',
              'Used, and the limit at which writes are refused.',
              'bytes',
              'redis',
              [query('max(redis_memory_used_bytes)', 'used'), query('max(redis_memory_max_bytes)', 'limit')],
              { min: 0 },
            ),
            lines(
              'Clients',
              'Connected clients, and those that wait in a blocking read, which is how consumers wait for entries.',
              'none',
              'redis',
              [
                query('max(redis_connected_clients)', 'connected'),
                query('max(redis_blocked_clients)', 'waiting'),
              ],
              { min: 0, decimals: 0 },
            ),
          ],
        },
        {
          height: 8,
          panels: [
            lines(
              'Time in commands',
              'Seconds a second that Redis spends in each command. One is all it has.',
              'percentunit',
              'redis',
              [
                query(
                  'topk(8, sum by (cmd) (rate(redis_commands_duration_seconds_total[$__rate_interval])))',
                  '{{cmd}}',
                ),
              ],
              { min: 0 },
            ),
            lines(
              'Keys',
              'Keys that Redis holds: streams, the trading state, jobs and sessions.',
              'none',
              'redis',
              [query('sum by (db) (redis_db_keys)', '{{db}}')],
              { min: 0, decimals: 0 },
            ),
            lines(
              'Refused connections',
              'Connections that were refused in an hour because there were too many.',
              'none',
              'redis',
              'sum(increase(redis_rejected_connections_total[1h]))',
              { min: 0, decimals: 0, steps: above(1, 10) },
            ),
          ],
        },
      ],
    },
  ],
});
