// pnpm check: format, lint, types, unused code, dependency direction, tidy, generated files, unit tests.
import { main } from './checks/run-steps.ts';
import { CHECKS, UNIT_TESTS } from './checks/steps.ts';

await main([...CHECKS, UNIT_TESTS]);
