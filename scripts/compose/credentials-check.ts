import { SERVICE_NAMES } from '../fleet/services.ts';
import type { ComposeProject } from './compose-project.ts';

/** They come to the services' network, where anybody can open a connection to them. */
const ASKING = [
  'http://prometheus:9090/prometheus/api/v1/query?query=up',
  'http://prometheus:9090/prometheus/metrics',
  'http://alertmanager:9093/alertmanager/api/v2/silences',
  'http://alertmanager:9093/alertmanager/metrics',
];

/** From inside each service, Prometheus and Alertmanager answer nothing but 401. */
export async function checkCredentials(project: ComposeProject): Promise<string> {
  const script = `
    Promise.all(${JSON.stringify(ASKING)}.map(async (url) => (await fetch(url)).status))
      .then((found) => console.log(found.join(' ')));`;
  for (const name of SERVICE_NAMES) {
    const found = await project.node(name, script);
    if (found !== ASKING.map(() => '401').join(' ')) throw new Error(`${name} is answered ${found}`);
  }
  return `${SERVICE_NAMES.length} services, ${ASKING.length} addresses`;
}
