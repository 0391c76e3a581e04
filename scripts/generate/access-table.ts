import { join } from 'node:path';
import {
  ACCESS_FILE,
  type AccessTable,
  accessTableFaults,
  idleExceptions,
  loadAccessTable,
  REFUSALS,
  type RouteRole,
} from '@fleet/shared/access';
import type { ConfigFault } from '@fleet/shared/config';
import { routesOf } from '@fleet/shared/http';
import type { Generated } from './generated-files.ts';
import { GENERATED_NOTE, table } from './markdown.ts';
import { loadApi, serviceFolders } from './openapi.ts';

const PATH = 'docs/access.md';

const HEAD = `# Who may what

${GENERATED_NOTE}

The roles stand in \`config/access.yaml\`, the people in \`config/operators.yaml\`. Each service decides by itself, also
about what the edge has let through. With \`ACCESS_CONTROL=edge\` the gates stand in this order, and nothing behind the
first one that is shut is looked at:

1. Headers that decide about access come once, with one value.
2. **internal** routes pass when they are asked inside the network; with the edge's secret they are refused.
3. The edge's secret (\`X-Edge-Secret\`, one for each service). Without it a service may show \`X-Service-Secret\`: it then
   has the role of its line in \`service_secret_hashes\`, never admin. **public** routes pass here.
4. Identity: the ID token in \`Authorization: Bearer\`, verified (issuer, audience, signature of the provider's key, time
   with 5 s tolerance), or \`X-Auth-Request-Email\` with \`IDENTITY_SOURCE=headers\`. Then the list of people, then the role.
5. What changes something: \`Content-Type: application/json\` and an \`Origin\` of \`ALLOWED_ORIGINS\`, both always. Sign-in is
   a cookie, browsers send Origin with every such request, and programs (ops_cli) send it themselves.
6. **admin**: the admin entry point's secret, a client certificate that is known, in time, not revoked and the person's
   own, and the admin token, of which the service holds the hash alone. **certified** routes ask for all of it but the
   admin token: Traefik asks them before it lets somebody to Prometheus, Alertmanager or its own dashboard.

Files are read anew when they change, at most a second late. One that breaks while the service runs leaves its last good
content in force; the log, \`access_file_faults\` and readiness say so. Every call that changes something and every admin
call, granted or refused, is a log line and a row in \`access_calls\` of the service's schema. So is what a certified
route refused, or let change something behind it (a silence), under the method and path that were asked for. What a person
was granted is always kept; refusals and callers without sign-in have allowances of their own, beyond which they are
counted. What came on a public route is kept by its handler, once it is verified. An answer without an end (events) is
cut when its person loses the role or the ID token that opened it ends; the client comes again with a fresh one.

With \`ACCESS_CONTROL=token\` (the loopback) admin routes take the admin token and everything else is open; live trading
or a public \`DOMAIN\` beyond the loopback then stops the start.
`;

/** docs/access.md, and what is wrong with config/access.yaml against the routes that the services have. */
export async function accessReference(root: string): Promise<Generated> {
  const problems: string[] = [];
  const accessTable = loaded(() => loadAccessTable(join(root, 'config')), problems);
  if (accessTable === undefined) return { files: [], problems };
  const services = serviceFolders(root);
  for (const service of services) {
    const routes = await loadApi(root, service).then(
      ({ endpoints }) => routesOf(endpoints),
      () => undefined, // the part that writes the OpenAPI files says it
    );
    if (routes !== undefined)
      problems.push(...linesOf(accessTableFaults(accessTable, service, routes, true)));
  }
  problems.push(...linesOf(idleExceptions(accessTable)), ...strangers(accessTable, services));
  const content = [HEAD, routeTable(accessTable), exceptionTable(accessTable), refusalTable()].join('\n');
  return { files: [{ path: PATH, content: `${content}\n` }], problems };
}

function loaded(read: () => AccessTable, problems: string[]): AccessTable | undefined {
  try {
    return read();
  } catch (error) {
    problems.push((error as Error).message);
    return undefined;
  }
}

function strangers({ services }: AccessTable, known: readonly string[]): readonly string[] {
  return Object.keys(services)
    .filter((service) => !known.includes(service))
    .map((service) => `${ACCESS_FILE} ${service}: there is no such service`);
}

function linesOf(faults: readonly ConfigFault[]): readonly string[] {
  return faults.map(({ name, problem, action }) => `${name}: ${problem}; ${action}`);
}

function routeTable({ services }: AccessTable): string {
  const rows = Object.entries(services).flatMap(([service, routes]) =>
    Object.entries(routes).map(([route, role]: [string, RouteRole]) => [service, `\`${route}\``, role]),
  );
  return `## Routes\n\n${table(['Service', 'Route', 'Role'], rows)}\n`;
}

function exceptionTable({ exceptions }: AccessTable): string {
  const rows = exceptions.map(({ service, route, reason }) => [
    service === '*' ? 'every service' : service,
    `\`${route}\``,
    reason,
  ]);
  const words =
    'Usual are viewer for GET, operator for everything else, admin below `/admin/`, certified below `/access/`. Rows with another role:';
  return `## Exceptions\n\n${words}\n\n${table(['Service', 'Route', 'Reason'], rows)}\n`;
}

function refusalTable(): string {
  const rows = Object.values(REFUSALS).map(({ definition: { code, status, title } }) => [
    `\`${code}\``,
    String(status),
    title,
  ]);
  return `## Refusals, in the order of the gates\n\n${table(['Code', 'HTTP', 'Meaning'], rows)}`;
}
