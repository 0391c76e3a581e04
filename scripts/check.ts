// pnpm check: format, lint, types, unused code, dependency direction, tidy, generated files, unit tests, tests that start programs.
import { main } from './checks/run-steps.ts';
import { CHECKS, PROGRAM_TESTS, UNIT_TESTS } from './checks/steps.ts';

await main([...CHECKS, UNIT_TESTS, PROGRAM_TESTS]);
