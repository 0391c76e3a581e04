import { join } from 'node:path';
import { z } from 'zod';
import { loadYaml } from '../config/index.ts';
import { type RouteRole, routeRoleSchema } from './roles.ts';

export const ACCESS_FILE = 'access.yaml';

const ROUTE = /^(GET|POST|PUT|PATCH|DELETE) (\/([a-z0-9.-]+|\{[A-Za-z][A-Za-z0-9]*\}))+$/;
const routeKey = z.string().regex(ROUTE, 'must be a method and a path, such as GET /cycles/{id}');

/** `config/access.yaml`: the role that each route of each service asks for. */
export const accessTableSchema = z.object({
  services: z.record(z.string(), z.record(routeKey, routeRoleSchema)),
  /** Rows whose role is not the usual one of their method and path, each with its reason. */
  exceptions: z.array(
    z.object({
      /** A service's name, or `*` for all. */
      service: z.string(),
      route: routeKey,
      reason: z.string().min(10, 'must say why'),
    }),
  ),
});
export type AccessTable = z.output<typeof accessTableSchema>;

/** @throws ConfigError with every fault and its line. */
export function loadAccessTable(configDir: string): AccessTable {
  return loadYaml(join(configDir, ACCESS_FILE), accessTableSchema);
}

/**
 * What a route asks for unless it is listed as an exception: GET viewer, everything else operator, /admin admin,
 * /access certified.
 */
export function usualRole(route: string): RouteRole {
  const [method, path = ''] = route.split(' ');
  if (path.startsWith('/access/')) return 'certified';
  if (path.startsWith('/admin/')) return 'admin';
  return method === 'GET' ? 'viewer' : 'operator';
}
