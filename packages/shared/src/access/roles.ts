import { z } from 'zod';

/** Of people, each with the rights of those before it. */
export const PERSON_ROLES = ['viewer', 'operator', 'admin'] as const;
export type PersonRole = (typeof PERSON_ROLES)[number];

/**
 * Of routes: the least role of a person; or `internal`, never through the edge, with a credential of its own or none;
 * or `public`, through the edge without sign-in.
 */
export const ROUTE_ROLES = [...PERSON_ROLES, 'internal', 'public'] as const;
export type RouteRole = (typeof ROUTE_ROLES)[number];

export const personRoleSchema = z.enum(PERSON_ROLES, `must be one of ${PERSON_ROLES.join(', ')}`);
export const routeRoleSchema = z.enum(ROUTE_ROLES, `must be one of ${ROUTE_ROLES.join(', ')}`);

/** True when `held` has every right of `needed`. */
export function covers(held: PersonRole, needed: PersonRole): boolean {
  return PERSON_ROLES.indexOf(held) >= PERSON_ROLES.indexOf(needed);
}
