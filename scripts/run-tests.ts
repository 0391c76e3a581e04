// scripts/test comes here: the checks, every test project, then a week of parity.
import { main } from './checks/run-steps.ts';
import { CHECKS, INTEGRATION_TESTS, PARITY, PROGRAM_TESTS, UNIT_TESTS } from './checks/steps.ts';

await main([...CHECKS, UNIT_TESTS, PROGRAM_TESTS, INTEGRATION_TESTS, PARITY]);
