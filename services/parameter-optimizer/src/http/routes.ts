import type { ApiDescription } from '@fleet/shared/http';
import { identity } from '../identity.ts';
import { postApprove } from './approve.ts';
import { postCancel } from './cancel.ts';
import type { OptimizerDeps } from './deps.ts';
import { getParams } from './params.ts';
import { postReject } from './reject.ts';
import { getReport } from './report.ts';
import { postRollback } from './rollback.ts';
import { postRun } from './run.ts';
import { getStudy } from './study.ts';

export const api: ApiDescription<OptimizerDeps> = {
  service: identity.name,
  title: 'Parameter optimizer',
  description: identity.description,
  endpoints: [postRun, getStudy, getParams, getReport, postApprove, postReject, postRollback, postCancel],
};
