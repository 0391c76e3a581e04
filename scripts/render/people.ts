import type { Operator, PersonRole } from '@fleet/shared/access';

/** Is nobody's address (RFC 2606): oauth2-proxy takes an empty list of allowed e-mails for "everybody". */
const NOBODY = 'nobody@invalid';

/** The file of oauth2-proxy: who may sign in at all, one a line. Without a person it lets nobody in. */
export function emailsFile(operators: readonly Operator[]): string {
  return `${(operators.length === 0 ? [NOBODY] : identities(operators)).join('\n')}\n`;
}

/** For `/oauth2/auth?allowed_emails=`: the admins, or an address that nobody has. */
export function adminEmails(operators: readonly Operator[]): readonly string[] {
  const admins = identities(operators.filter(({ role }) => role === 'admin'));
  return admins.length === 0 ? [NOBODY] : admins;
}

const GRAFANA_ROLES: Readonly<Record<PersonRole, string>> = {
  admin: 'Admin',
  operator: 'Editor',
  viewer: 'Viewer',
};

/**
 * The JMESPath by which Grafana reads a role from the ID token. Who is not listed gets none, and with
 * role_attribute_strict no sign-in. `[]` is no empty list in JMESPath: roles without people are left out. The list is in
 * lower case and some providers' tokens are not; `lower` is of the library that Grafana uses, not of the first JMESPath.
 * `upper` as well, for letters that are not ASCII become such in one direction alone: the Kelvin sign is a k in lower
 * case, and itself in upper case.
 */
export function roleAttributePath(operators: readonly Operator[]): string {
  const parts = (['admin', 'operator', 'viewer'] as const).flatMap((role) => {
    const people = identities(operators.filter((operator) => operator.role === role));
    if (people.length === 0) return [];
    const list = (emails: readonly string[]) => `[${emails.map((email) => `'${email}'`).join(', ')}]`;
    const capitals = people.map((email) => email.toUpperCase());
    return [
      `contains(${list(people)}, lower(email)) && contains(${list(capitals)}, upper(email)) && '${GRAFANA_ROLES[role]}'`,
    ];
  });
  return parts.length === 0 ? `'x' == 'y' && 'Viewer'` : parts.join(' || ');
}

function identities(operators: readonly Operator[]): readonly string[] {
  return operators.map(({ identity }) => identity).sort();
}
