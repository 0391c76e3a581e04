import type { LoginRole } from '@fleet/shared/postgres';

/**
 * Connections that one login of a service may have at once: its pool (8) and that of a replica that stands by. The sum
 * over all services, with exporter (5), backup (10) and some for people, is below max_connections of docker-compose.yml.
 */
export const CONNECTIONS_MAX = 16;

/** What `migrate` is told of a service's way in: one role, or a role with two logins of which one or both count. */
export interface ServiceRole {
  readonly role: string;
  readonly rolePassword?: string;
  readonly logins?: readonly LoginRole[];
}

/**
 * From the addresses under which a service may come in: `fleet_risk_a` and `fleet_risk_b` are logins of `fleet_risk`,
 * and the one without an address comes in no longer. An address under another name is the role itself.
 * @param other the address of the second login during a rotation.
 */
export function serviceRole(url: string, other?: string): ServiceRole {
  const current = credentialsOf(url);
  const role = /^(.+)_[ab]$/.exec(current.name)?.[1];
  if (role === undefined) return { role: current.name, rolePassword: current.password };
  const known = new Map(
    [current, ...(other === undefined ? [] : [credentialsOf(other)])].map((each) => [each.name, each]),
  );
  const logins = ['a', 'b'].map(
    (turn) => known.get(`${role}_${turn}`) ?? { name: `${role}_${turn}`, password: null },
  );
  return { role, logins };
}

function credentialsOf(url: string): { readonly name: string; readonly password: string } {
  const { username, password } = new URL(url);
  return { name: decodeURIComponent(username), password: decodeURIComponent(password) };
}
