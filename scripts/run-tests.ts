// scripts/test comes here: the checks, then every test project.
import { main } from './checks/run-steps.ts';
import { CHECKS, INTEGRATION_TESTS, UNIT_TESTS } from './checks/steps.ts';

await main([...CHECKS, UNIT_TESTS, INTEGRATION_TESTS]);
