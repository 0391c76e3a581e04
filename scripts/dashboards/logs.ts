import { dashboard, logLines, logVolume, query } from './panels.ts';

const CHOSEN = '{service=~"$service", level=~"$level"}';

export const logs = dashboard({
  uid: 'fleet-logs',
  title: 'Logs',
  description:
    'The lines of every container. Requests, traces and orders are found by their id across all services.',
  tags: ['fleet'],
  variables: 'logs',
  from: 'now-1h',
  refresh: '30s',
  sections: [
    {
      title: 'How many',
      bands: [
        {
          height: 7,
          panels: [
            logVolume('Lines by level', 'Lines of the chosen services by level.', 'none', '$service', [
              query(
                `sum by (level) (count_over_time(${CHOSEN} |= \`$search\` |= \`$id\` [$__auto]))`,
                '{{level}}',
              ),
            ]),
            logVolume('Lines by service', 'Which service writes them.', 'none', '$service', [
              query(
                `sum by (service) (count_over_time(${CHOSEN} |= \`$search\` |= \`$id\` [$__auto]))`,
                '{{service}}',
              ),
            ]),
            logVolume(
              'Errors by service',
              'Lines of level error and fatal, whatever level is chosen.',
              'none',
              '$service',
              [
                query(
                  'sum by (service) (count_over_time({service=~"$service", level=~"error|fatal"} [$__auto]))',
                  '{{service}}',
                ),
              ],
            ),
          ],
        },
        {
          height: 7,
          panels: [
            logVolume(
              'Errors by code',
              'The stable code of the errors; docs/errors.md says what each wants.',
              'none',
              '$service',
              [
                query(
                  'sum by (err_code) (count_over_time({service=~"$service", level=~"warn|error|fatal"} | json err_code="err.code" | err_code != "" [$__auto]))',
                  '{{err_code}}',
                ),
              ],
            ),
            logVolume(
              'Answers with a fault',
              'Requests that were answered with 5xx, by route.',
              'none',
              '$service',
              [
                query(
                  'sum by (service, route) (count_over_time({service=~"$service"} |= `"msg":"request"` | json route="route", status="status" | status >= 500 [$__auto]))',
                  '{{service}} {{route}}',
                ),
              ],
            ),
            logVolume(
              'Lines that were cut',
              'Lines that were too long for the log driver. Their fields originalBytes says how long.',
              'none',
              '$service',
              [
                query(
                  'sum by (service) (count_over_time({service=~"$service"} |= `"truncated":true` [$__auto]))',
                  '{{service}}',
                ),
              ],
            ),
          ],
        },
      ],
    },
    {
      title: 'Lines',
      bands: [
        {
          height: 16,
          panels: [
            logLines(
              'Lines',
              'The newest first. A line opens into its fields; a request’s or a trace’s id in the field above follows it through all services.',
              'none',
              '$service',
              [query(`${CHOSEN} |= \`$search\` |= \`$id\``, '')],
            ),
          ],
        },
        {
          height: 10,
          panels: [
            logLines(
              'Of one order',
              'Lines that carry the id above as their order, trace or request, whatever service wrote them.',
              'none',
              '$service',
              [query('{service=~".+"} | orderId=`$id` or traceId=`$id` or requestId=`$id`', '')],
            ),
            logLines(
              'Who did what',
              'The audit lines: calls that change something, granted or refused, with identity, address and outcome.',
              'none',
              'orchestrator',
              [
                query(
                  '{service=~"$service"} |= `"audit"` | json outcome="audit.outcome", identity="audit.identity"',
                  '',
                ),
              ],
            ),
          ],
        },
      ],
    },
  ],
});
