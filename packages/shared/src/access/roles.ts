import { z } from 'zod';

/** Of people, each with the rights of those before it. */
export const PERSON_ROLES = ['viewer', 'operator', 'admin'] as const;
export type PersonRole = (typeof PERSON_ROLES)[number];

/**
 * Of routes: the least role of a person; or `certified`, an admin with the own client certificate on the admin host,
 * without the admin token; or `internal`, never through the edge, with a credential of its own or none; or `public`,
 * through the edge without sign-in.
 */
export const ROUTE_ROLES = [...PERSON_ROLES, 'certified', 'internal', 'public'] as const;
export type RouteRole = (typeof ROUTE_ROLES)[number];
/** Of routes that a signed-in person asks for. */
export type SignedInRole = Exclude<RouteRole, 'internal' | 'public'>;

export const personRoleSchema = z.enum(PERSON_ROLES, `must be one of ${PERSON_ROLES.join(', ')}`);
export const routeRoleSchema = z.enum(ROUTE_ROLES, `must be one of ${ROUTE_ROLES.join(', ')}`);

/** The least role of a person that a route of this role asks for. */
export function leastRole(role: SignedInRole): PersonRole {
  return role === 'certified' ? 'admin' : role;
}

/** True when `held` has every right of `needed`. */
export function covers(held: PersonRole, needed: PersonRole): boolean {
  return PERSON_ROLES.indexOf(held) >= PERSON_ROLES.indexOf(needed);
}
