import { runService } from '@fleet/shared/lifecycle';
import { compose } from './compose.ts';
import { identity } from './identity.ts';

await runService(identity.name, compose);
