import {
  above,
  below,
  dashboard,
  lines,
  NONE_IS_WELL,
  percentiles,
  query,
  stat,
  table,
  timeline,
} from './panels.ts';
import { TRADING_STATE } from './trading-state.ts';

const OF_SERVICES = 'job="services", service=~"$service"';

export const fleet = dashboard({
  uid: 'fleet',
  title: 'Fleet',
  description: 'Is everything up, does it trade, and what asks for a person.',
  tags: ['fleet'],
  variables: 'service',
  from: 'now-3h',
  refresh: '15s',
  sections: [
    {
      title: 'At a glance',
      bands: [
        {
          height: 4,
          panels: [
            TRADING_STATE,
            stat(
              'Services up',
              'Services that answer Prometheus. Of eight, every one has to; the table below names the one that does not.',
              'none',
              'prometheus',
              'sum(up{job="services"})',
              { steps: below(7, 8), runbook: 'scrape-target-down' },
            ),
            stat(
              'Services ready',
              'Services that say of themselves that they can do their job. One that is up and not ready says in /ready what it waits for.',
              'none',
              'orchestrator',
              'sum(service_ready{job="services"})',
              { steps: below(7, 8), runbook: 'service-not-ready' },
            ),
            stat(
              'Alerts firing',
              'Alerts of every severity that fire now, the dead-man switch not counted. Alertmanager has the list.',
              'none',
              'prometheus',
              'count(ALERTS{alertstate="firing", alertname!="Watchdog"}) or vector(0)',
              { steps: above(1, 3), runbook: 'README' },
            ),
            stat(
              'Equity',
              'Cash and holdings at the last mark, in the quote currency.',
              'suffix: USDT',
              'orchestrator',
              'max(equity)',
              { decimals: 2 },
            ),
            stat(
              'Profit of the day',
              'In percent of the opening equity of the trading day. The loss cap halts the fleet, the target locks the profit.',
              'percent',
              'orchestrator',
              'max(day_pnl_pct)',
              {
                decimals: 2,
                steps: [
                  [null, 'red'],
                  [0, 'green'],
                ],
              },
            ),
            stat(
              'Last decision cycle',
              'Time since a cycle was completed. More than a few bar intervals: the market data, or a stuck cycle.',
              'dtdurations',
              'orchestrator',
              'time() - max(cycle_last_completed_timestamp_seconds)',
              { steps: above(180, 600), runbook: 'cycles-missing' },
            ),
          ],
        },
        {
          height: 7,
          panels: [
            timeline(
              'Readiness',
              'Since when each service can do its job, and when it could not.',
              'none',
              '$service',
              [query(`max by (service) (service_ready{${OF_SERVICES}})`, '{{service}}')],
              {
                words: { '0': ['not ready', 'red'], '1': ['ready', 'green'] },
                steps: [
                  [null, 'red'],
                  [1, 'green'],
                ],
                runbook: 'service-not-ready',
              },
            ),
            table(
              'Versions',
              'What runs. Two versions of one service are a deployment under way, or one that stopped half way.',
              'none',
              '$service',
              [query(`max by (service, version) (service_info{${OF_SERVICES}})`, '{{service}}')],
            ),
          ],
        },
      ],
    },
    {
      title: 'Requests',
      bands: [
        {
          height: 8,
          panels: [
            lines(
              'Requests',
              'Requests a second, probes and scrapes among them.',
              'reqps',
              '$service',
              [
                query(
                  `sum by (service) (rate(http_request_duration_seconds_count{${OF_SERVICES}}[$__rate_interval]))`,
                  '{{service}}',
                ),
              ],
              { min: 0 },
            ),
            lines(
              'Answers with a fault',
              'Share of requests that were answered with 5xx. A service that is not ready answers its probe with 503.',
              'percentunit',
              '$service',
              [
                query(
                  `sum by (service) (rate(http_request_duration_seconds_count{${OF_SERVICES}, status=~"5.."}[$__rate_interval])) / sum by (service) (rate(http_request_duration_seconds_count{${OF_SERVICES}}[$__rate_interval])) or 0 * sum by (service) (rate(http_request_duration_seconds_count{${OF_SERVICES}}[$__rate_interval]))`,
                  '{{service}}',
                ),
              ],
              { min: 0, steps: above(0.01, 0.05), runbook: 'api-errors-burn-fast' },
            ),
            lines(
              'Time of an answer',
              'Median and 99th percentile over all routes of a service.',
              's',
              '$service',
              percentiles('http_request_duration_seconds', 'service', '{{service}}', OF_SERVICES),
              { min: 0 },
            ),
          ],
        },
      ],
    },
    {
      title: 'Processes',
      bands: [
        {
          height: 8,
          panels: [
            lines(
              'CPU',
              'Cores that each process uses. One is all that a decision loop can use.',
              'percentunit',
              '$service',
              [
                query(
                  `sum by (service) (rate(process_cpu_seconds_total{${OF_SERVICES}}[$__rate_interval]))`,
                  '{{service}}',
                ),
              ],
              { min: 0 },
            ),
            lines(
              'Memory',
              'Resident memory. A container that reaches its limit is ended by the kernel and started again.',
              'bytes',
              '$service',
              [query(`max by (service) (process_resident_memory_bytes{${OF_SERVICES}})`, '{{service}}')],
              { min: 0 },
            ),
            lines(
              'Event loop delay',
              'How late a timer fires, 99th percentile: long delays hold up leases and the refresh of the trading state.',
              's',
              '$service',
              [query(`max by (service) (nodejs_eventloop_lag_p99_seconds{${OF_SERVICES}})`, '{{service}}')],
              { min: 0, steps: above(0.1, 0.5) },
            ),
          ],
        },
        {
          height: 8,
          panels: [
            lines(
              'Starts',
              'Times that a process was started anew within the last hour. Several: read its last lines.',
              'none',
              '$service',
              [
                query(
                  `max by (service) (changes(process_start_time_seconds{${OF_SERVICES}}[1h]))`,
                  '{{service}}',
                ),
              ],
              { min: 0, decimals: 0, steps: above(2, 5) },
            ),
            lines(
              'Open files',
              'Share of the allowed file descriptors that is in use. A rise without end is a leak of connections.',
              'percentunit',
              '$service',
              [
                query(
                  `max by (service) (process_open_fds{${OF_SERVICES}} / process_max_fds{${OF_SERVICES}})`,
                  '{{service}}',
                ),
              ],
              { min: 0, steps: above(0.6, 0.85) },
            ),
            lines(
              'Clock skew',
              'Clock of Postgres and Redis minus the service’s own. Leases and request windows need it near nothing.',
              's',
              '$service',
              [
                query(
                  `max by (service, reference) (clock_skew_seconds{${OF_SERVICES}})`,
                  '{{service}} against {{reference}}',
                ),
              ],
              { runbook: 'service-clock-skew' },
            ),
          ],
        },
      ],
    },
    {
      title: 'People and tools',
      bands: [
        {
          height: 7,
          panels: [
            stat(
              'Notifications waiting',
              'Deliveries to Slack that are owed and not settled.',
              'none',
              'notification-manager',
              'max(notification_deliveries_waiting)',
              { steps: above(5, 50), runbook: 'slack-failing' },
            ),
            stat(
              'Way to Slack',
              'The state that the way to Slack is in.',
              'none',
              'notification-manager',
              [
                query(
                  'max(notification_slack_state{state="ok"}) + 2 * max(notification_slack_state{state="retrying"}) + 3 * max(notification_slack_state{state="needs-person"})',
                  'state',
                ),
              ],
              {
                words: {
                  '0': ['not configured', 'text'],
                  '1': ['ok', 'green'],
                  '2': ['retrying', 'orange'],
                  '3': ['needs a person', 'red'],
                },
                runbook: 'slack-failing',
              },
            ),
            lines(
              'Notifications',
              'Notifications of the last hour by severity and by what became of them.',
              'none',
              'notification-manager',
              [
                query(
                  'sum by (severity, outcome) (increase(notifications_total[1h]))',
                  '{{severity}} {{outcome}}',
                ),
              ],
              { min: 0 },
            ),
            lines(
              'Tool calls of AI clients',
              'Calls under way at the MCP hub.',
              'none',
              '$service',
              'sum(mcp_tools_running)',
              { min: 0 },
            ),
            stat(
              'Studies open',
              'Studies of the parameter optimizer that wait or run.',
              'none',
              '$service',
              'max(studies_open)',
            ),
            stat(
              'Break-glass uses',
              'Times that the way around the identity provider was used within a day. Every one is an incident to look at.',
              'none',
              'orchestrator',
              'sum(increase(break_glass_uses_total[1d]))',
              { steps: NONE_IS_WELL, decimals: 0, runbook: 'break-glass' },
            ),
          ],
        },
      ],
    },
  ],
});
