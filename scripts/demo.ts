// scripts/demo comes here, on the pinned Node.
import { DEMO_USAGE, parseDemoOptions } from './fleet/demo-options.ts';
import { runDemo } from './fleet/demo-run.ts';
import { failureText, UsageError } from './fleet/run-failure.ts';

async function main(): Promise<number> {
  const options = parseDemoOptions(process.argv.slice(2), process.cwd());
  if (!options.help) return await runDemo(options);
  process.stdout.write(DEMO_USAGE);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  const usage = error instanceof UsageError;
  process.stderr.write(usage ? `demo: ${error.message}\n\n${DEMO_USAGE}` : `demo: ${failureText(error)}\n`);
  process.exitCode = usage ? 2 : 1;
}
