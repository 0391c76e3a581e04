import { checkConfiguration } from './monitoring/configuration-checks.ts';
import { checkDelivery } from './monitoring/delivery-check.ts';
import { checkLogPath } from './monitoring/log-path-check.ts';
import type { Report } from './monitoring/report.ts';
import { checkScrapes } from './monitoring/scrape-check.ts';

const counts = { passed: 0, failed: 0 };
const report: Report = (name, problem, count = 1) => {
  counts[problem === null ? 'passed' : 'failed'] += count;
  process.stdout.write(problem === null ? `ok      ${name}\n` : `FAILED  ${name}\n${problem}\n`);
};

for (const check of [checkConfiguration, checkDelivery, checkScrapes, checkLogPath]) {
  await check(report).catch((error: unknown) => report(check.name, String(error)));
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
