import { above, below, dashboard, lines, percentiles, query, stat, table } from './panels.ts';

/** What holds data; the rest are views of the same disk or memory. */
const DISK = 'fstype!~"tmpfs|overlay|squashfs|ramfs|devtmpfs|nsfs"';
const WIRES = 'device!~"lo|veth.*|br-.*|docker.*|fleet-.*"';

export const host = dashboard({
  uid: 'fleet-host',
  title: 'Host',
  description: 'The machine under the fleet, the edge before it, and what watches both.',
  tags: ['fleet'],
  variables: 'none',
  from: 'now-6h',
  refresh: '30s',
  sections: [
    {
      title: 'At a glance',
      bands: [
        {
          height: 4,
          panels: [
            stat(
              'CPU',
              'Share of all cores that is busy.',
              'percentunit',
              'prometheus',
              '1 - avg(rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))',
              { decimals: 0, steps: above(0.8, 0.95) },
            ),
            stat(
              'Memory',
              'Share of the memory that nothing can be given from.',
              'percentunit',
              'prometheus',
              '1 - max(node_memory_MemAvailable_bytes) / max(node_memory_MemTotal_bytes)',
              { decimals: 0, steps: above(0.8, 0.95) },
            ),
            stat(
              'Fullest disk',
              'Share in use of the fullest file system.',
              'percentunit',
              'prometheus',
              `1 - min(node_filesystem_avail_bytes{${DISK}} / node_filesystem_size_bytes{${DISK}})`,
              { decimals: 0, steps: above(0.75, 0.9), runbook: 'disk-fills-up' },
            ),
            stat(
              'Up',
              'Time since the host was started.',
              'dtdurations',
              'prometheus',
              'time() - max(node_boot_time_seconds)',
            ),
            stat(
              'Clock',
              'How far the clock may be off, as the kernel estimates it.',
              's',
              'prometheus',
              'max(node_timex_estimated_error_seconds)',
              { decimals: 3, steps: above(0.1, 0.5), runbook: 'host-clock-skew' },
            ),
            stat(
              'Targets up',
              'Share of everything that Prometheus scrapes which answers.',
              'percentunit',
              'prometheus',
              'avg(up)',
              { decimals: 0, steps: below(0.9, 1), runbook: 'scrape-target-down' },
            ),
            stat(
              'Ended for want of memory',
              'Processes that the kernel ended within a day because there was no memory for them.',
              'none',
              'prometheus',
              'sum(increase(node_vmstat_oom_kill[1d]))',
              { decimals: 0, steps: above(1, 3) },
            ),
          ],
        },
      ],
    },
    {
      title: 'Machine',
      bands: [
        {
          height: 8,
          panels: [
            lines(
              'CPU by kind',
              'Where the cores’ time goes. Steal is another machine’s on the same host.',
              'percentunit',
              'prometheus',
              [
                query(
                  'avg by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[$__rate_interval]))',
                  '{{mode}}',
                ),
              ],
              { min: 0, stacked: true },
            ),
            lines(
              'Load',
              'Processes that want a core, against the cores.',
              'none',
              'prometheus',
              [
                query('max(node_load1)', 'one minute'),
                query('max(node_load15)', 'quarter of an hour'),
                query('count(node_cpu_seconds_total{mode="idle"})', 'cores'),
              ],
              { min: 0 },
            ),
            lines(
              'Memory of the host',
              'Memory of the host, and what can still be given.',
              'bytes',
              'prometheus',
              [
                query('max(node_memory_MemTotal_bytes)', 'all'),
                query('max(node_memory_MemAvailable_bytes)', 'available'),
              ],
              { min: 0 },
            ),
          ],
        },
        {
          height: 8,
          panels: [
            lines(
              'Disks',
              'Share in use by file system.',
              'percentunit',
              'prometheus',
              [
                query(
                  `1 - max by (mountpoint) (node_filesystem_avail_bytes{${DISK}} / node_filesystem_size_bytes{${DISK}})`,
                  '{{mountpoint}}',
                ),
              ],
              { min: 0, max: 1, steps: above(0.75, 0.9), runbook: 'disk-fills-up' },
            ),
            lines(
              'Disk traffic',
              'Bytes a second read and written.',
              'Bps',
              'prometheus',
              [
                query('sum(rate(node_disk_read_bytes_total[$__rate_interval]))', 'read'),
                query('sum(rate(node_disk_written_bytes_total[$__rate_interval]))', 'written'),
              ],
              { min: 0 },
            ),
            lines(
              'Network',
              'Bytes a second on the host’s own interfaces.',
              'Bps',
              'prometheus',
              [
                query(`sum(rate(node_network_receive_bytes_total{${WIRES}}[$__rate_interval]))`, 'received'),
                query(`sum(rate(node_network_transmit_bytes_total{${WIRES}}[$__rate_interval]))`, 'sent'),
              ],
              { min: 0 },
            ),
          ],
        },
      ],
    },
    {
      title: 'Edge',
      bands: [
        {
          height: 8,
          panels: [
            lines(
              'Requests at the edge',
              'Requests a second that Traefik answered, by entry point and code.',
              'reqps',
              'traefik',
              [
                query(
                  'sum by (entrypoint, code) (rate(traefik_entrypoint_requests_total[$__rate_interval]))',
                  '{{entrypoint}} {{code}}',
                ),
              ],
              { min: 0, stacked: true },
            ),
            lines(
              'Time at the edge',
              'From the request’s arrival at Traefik to its answer, by entry point.',
              's',
              'traefik',
              percentiles('traefik_entrypoint_request_duration_seconds', 'entrypoint', '{{entrypoint}}'),
              { min: 0 },
            ),
            lines(
              'Services behind the edge',
              'Requests a second by the service they were passed to.',
              'reqps',
              'traefik',
              [
                query(
                  'sum by (service) (rate(traefik_service_requests_total[$__rate_interval]))',
                  '{{service}}',
                ),
              ],
              { min: 0 },
            ),
          ],
        },
        {
          height: 8,
          panels: [
            lines(
              'Certificates',
              'Time until the certificates that Traefik serves are over.',
              'dtdurations',
              'traefik',
              [query('max by (cn) (traefik_tls_certs_not_after) - time()', '{{cn}}')],
              { steps: below(604_800, 1_209_600), runbook: 'server-certificate-expires' },
            ),
            lines(
              'Probes from outside',
              'Whether the hosts answer as a browser would ask them.',
              'none',
              'traefik',
              [query('min by (instance) (probe_success)', '{{instance}}')],
              { min: 0, max: 1, decimals: 0, runbook: 'edge-down' },
            ),
            table(
              'Scrape targets',
              'Everything that Prometheus asks, and whether it answers.',
              'none',
              'prometheus',
              [query('min by (job, instance) (up)', '{{job}}')],
              { words: { '0': ['down', 'red'], '1': ['up', 'green'] }, runbook: 'scrape-target-down' },
            ),
          ],
        },
      ],
    },
    {
      title: 'Monitoring itself',
      bands: [
        {
          height: 7,
          panels: [
            lines(
              'Series',
              'Series that Prometheus holds in memory.',
              'short',
              'prometheus',
              'max(prometheus_tsdb_head_series)',
              { min: 0 },
            ),
            lines(
              'Samples',
              'Samples a second that Prometheus takes in.',
              'ops',
              'prometheus',
              'sum(rate(prometheus_tsdb_head_samples_appended_total[$__rate_interval]))',
              { min: 0 },
            ),
            lines(
              'Rules that failed',
              'Evaluations of rules that failed, in an hour. A rule that fails says nothing.',
              'none',
              'prometheus',
              'sum(increase(prometheus_rule_evaluation_failures_total[1h]))',
              { min: 0, decimals: 0, steps: above(1, 10), runbook: 'prometheus-rule-failures' },
            ),
            lines(
              'Notifications of Alertmanager',
              'Notifications in an hour by receiver, and those that failed.',
              'none',
              'prometheus',
              [
                query(
                  'sum by (integration) (increase(alertmanager_notifications_total[1h]))',
                  '{{integration}} sent',
                ),
                query(
                  'sum by (integration) (increase(alertmanager_notifications_failed_total[1h]))',
                  '{{integration}} failed',
                ),
              ],
              { min: 0, runbook: 'alertmanager-notifications-failing' },
            ),
          ],
        },
      ],
    },
  ],
});
