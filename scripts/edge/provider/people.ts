/** Who can sign in at the test's provider. `stranger` is known there and not in the list of operators. */
export const PEOPLE = {
  anna: { email: 'anna@example.com', role: 'admin' },
  olaf: { email: 'olaf@example.com', role: 'operator' },
  vera: { email: 'vera@example.com', role: 'viewer' },
  // A second admin, so that one person's certificate can meet another's sign-in with nothing else wrong.
  arno: { email: 'arno@example.com', role: 'admin' },
  stranger: { email: 'stranger@example.com', role: 'none' },
} as const;

export type Person = keyof typeof PEOPLE;

export function isPerson(name: string): name is Person {
  return Object.hasOwn(PEOPLE, name);
}
