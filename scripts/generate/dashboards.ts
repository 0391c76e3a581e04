import { DASHBOARDS } from '../dashboards/all.ts';
import { buildDashboard } from '../dashboards/build.ts';
import type { Generated } from './generated-files.ts';

export const DASHBOARD_FOLDER = 'grafana/dashboards';

/** The JSON that Grafana's provisioning reads, one file a dashboard, named by its uid. */
export function dashboards(): Generated {
  const uids = DASHBOARDS.map(({ uid }) => uid);
  const twice = uids.filter((uid, index) => uids.indexOf(uid) !== index);
  return {
    files: DASHBOARDS.map((spec) => ({
      path: `${DASHBOARD_FOLDER}/${spec.uid}.json`,
      content: `${JSON.stringify(buildDashboard(spec), null, 2)}\n`,
    })),
    problems: twice.map((uid) => `${DASHBOARD_FOLDER}: two dashboards have the uid ${uid}`),
  };
}
