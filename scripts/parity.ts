// `scripts/pnpm parity`: the fleet and the backtest on the same candles, compared to the last digit.
import { failureText, UsageError } from './fleet/run-failure.ts';
import { comparisonText } from './parity/compare-records.ts';
import { PARITY_USAGE, parseParityOptions } from './parity/parity-options.ts';
import { runParity } from './parity/parity-run.ts';

async function main(): Promise<number> {
  // pnpm runs scripts in the checkout; INIT_CWD is where it was called.
  const options = parseParityOptions(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd());
  if (options.help) {
    process.stdout.write(PARITY_USAGE);
    return 0;
  }
  const comparison = await runParity(options, (line) => void process.stdout.write(`${line}\n`));
  process.stdout.write(`${comparisonText(comparison)}\n`);
  return comparison.differences.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  const usage = error instanceof UsageError;
  process.stderr.write(
    usage ? `parity: ${error.message}\n\n${PARITY_USAGE}` : `parity: ${failureText(error)}\n`,
  );
  process.exitCode = usage ? 2 : 1;
}
