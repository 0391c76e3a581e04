import { runService } from '@fleet/shared/lifecycle';
import { compose } from './compose.ts';

await runService('market-analyst', compose);
