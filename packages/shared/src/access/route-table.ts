import { ConfigError, type ConfigFault } from '../config/index.ts';
import { ACCESS_FILE, type AccessTable, usualRole } from './access-table.ts';
import type { MatchedRoute } from './decide.ts';
import type { RouteRole } from './roles.ts';

interface Row {
  readonly route: string;
  readonly role: RouteRole;
  readonly segments: readonly string[];
}

/** Of several rows that a path falls under, the first of this list counts. */
const STRICTEST_FIRST: readonly RouteRole[] = [
  'admin',
  'certified',
  'operator',
  'viewer',
  'public',
  'internal',
];

/** The rows of one service. Paths are compared as they came, undecoded and case-sensitive, as the app's router does. */
export class RouteTable {
  readonly #rows: ReadonlyMap<string, readonly Row[]>;

  constructor(rows: Readonly<Record<string, RouteRole>>) {
    const entries = Object.entries(rows).map(([route, role]) => {
      const [method = '', path = ''] = route.split(' ');
      return { method, row: { route, role, segments: path.split('/') } };
    });
    const byMethod = Map.groupBy(entries, ({ method }) => method);
    this.#rows = new Map([...byMethod].map(([method, found]) => [method, found.map(({ row }) => row)]));
  }

  /**
   * The row of a request. An address without a row has no handler behind it; it asks for the role that its method
   * and path usually have, so that what is there and what is not looks the same to a stranger.
   */
  match(method: string, path: string): MatchedRoute {
    const asked = method === 'HEAD' || method === 'OPTIONS' ? 'GET' : method;
    const segments = path.split('/');
    const found = (this.#rows.get(asked) ?? [])
      .filter((row) => fits(row.segments, segments))
      .sort((left, right) => STRICTEST_FIRST.indexOf(left.role) - STRICTEST_FIRST.indexOf(right.role))[0];
    if (found !== undefined) return { route: found.route, role: found.role };
    const admin = /^\/+admin(\/|$)/i.test(path);
    return { route: undefined, role: admin ? 'admin' : usualRole(`${asked} ${path}`) };
  }
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => (part.startsWith('{') ? segments[index] !== '' : part === segments[index]))
  );
}

/**
 * What is wrong with the table for a service whose routes are `routes` (`GET /cycles/{id}`): a route without a row, a
 * row without a route (only when `exact`), a role that is not the usual one and not listed as an exception.
 */
export function accessTableFaults(
  table: AccessTable,
  service: string,
  routes: readonly string[],
  exact: boolean,
): readonly ConfigFault[] {
  const rows = table.services[service] ?? {};
  const known = new Set(routes);
  const name = (route: string): string => `${ACCESS_FILE} ${service} ${route}`;
  const missing = routes
    .filter((route) => rows[route] === undefined)
    .map((route) => ({
      name: name(route),
      problem: 'is a route without a row',
      action: `add it with its role; usual here: ${usualRole(route)}`,
    }));
  const left = Object.keys(rows)
    .filter((route) => exact && !known.has(route))
    .map((route) => ({
      name: name(route),
      problem: 'is a row without a route',
      action: 'remove it, or correct its method or path',
    }));
  const unusual = Object.entries(rows).flatMap(([route, role]) => roleFault(table, service, route, role));
  return [...missing, ...left, ...unusual];
}

function roleFault(table: AccessTable, service: string, route: string, role: RouteRole): ConfigFault[] {
  const usual = usualRole(route);
  const name = `${ACCESS_FILE} ${service} ${route}`;
  // The edge asks by GET on behalf of a request of any method: what it asks must change nothing.
  if (role === 'certified' && !route.startsWith('GET '))
    return [{ name, problem: 'is certified and no GET', action: 'make it a GET, or give it the role admin' }];
  if (role === usual) return [];
  if (usual === 'admin')
    return [{ name, problem: `is an admin route with the role ${role}`, action: 'give it the role admin' }];
  // With a weaker role the edge would let people past whose certificate nobody has looked at.
  if (usual === 'certified')
    return [{ name, problem: `is asked by the edge and has the role ${role}`, action: 'give it certified' }];
  const listed = table.exceptions.some(
    (exception) => exception.route === route && (exception.service === '*' || exception.service === service),
  );
  if (listed) return [];
  const action = `give it ${usual}, or list it under exceptions with a reason`;
  return [{ name, problem: `has the role ${role}, which is not the usual one`, action }];
}

/** Exceptions that except nothing: no such row, or a row with the usual role. */
export function idleExceptions(table: AccessTable): readonly ConfigFault[] {
  return table.exceptions.flatMap(({ service, route }) => {
    const rows = Object.entries(table.services).filter(([name]) => service === '*' || service === name);
    const used = rows.some(([, of]) => of[route] !== undefined && of[route] !== usualRole(route));
    const name = `${ACCESS_FILE} exceptions ${service} ${route}`;
    return used ? [] : [{ name, problem: 'excepts nothing', action: 'remove it' }];
  });
}

/** @throws ConfigError when the service may not start on this table. */
export function assertRoutes(table: AccessTable, service: string, routes: readonly string[]): void {
  const faults = accessTableFaults(table, service, routes, false);
  if (faults.length > 0) throw new ConfigError(ACCESS_FILE, faults);
}
