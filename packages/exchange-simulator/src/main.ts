import { runService } from '@fleet/shared/lifecycle';
import { compose } from './cli/compose.ts';

await runService('exchange-simulator', compose);
