import { z } from 'zod';
import { parseYaml } from '../config/index.ts';
import { identityOf } from './identity.ts';
import { personRoleSchema } from './roles.ts';

export const OPERATORS_FILE = 'operators.yaml';
export const REVOKED_FILE = 'revoked-certificates.txt';

/** SHA-256 of a certificate's DER, as `openssl x509 -fingerprint -sha256` without colons, in lower case. */
export const fingerprintSchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 fingerprint: 64 hex digits in lower case, without colons');

const IDENTITY = /^[^\s@,;"'<>\\]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?$/;

export const operatorSchema = z.object({
  /** The e-mail of the ID token, lower case, or that of the GitHub account. */
  identity: z
    .string()
    .max(100, 'must have at most 100 characters')
    .regex(IDENTITY, 'must be an e-mail address')
    .refine((text) => identityOf(text) !== undefined, 'must be printable ASCII: nobody else can enter')
    .refine((text) => text === text.toLowerCase(), 'must be written in lower case'),
  role: personRoleSchema,
  certificates: z.array(fingerprintSchema).max(20, 'at most 20 certificates a person').default([]),
});
export type Operator = z.output<typeof operatorSchema>;

/** `config/operators.yaml`, the only list of people. An empty list is valid: then nobody may enter. */
export const operatorsSchema = z
  .object({ operators: z.array(operatorSchema).max(1_000, 'at most 1,000 people') })
  .superRefine(({ operators }, context) => {
    const people = new Set<string>();
    const owners = new Map<string, string>();
    for (const [index, { identity, certificates }] of operators.entries()) {
      if (people.has(identity))
        context.addIssue({
          code: 'custom',
          path: ['operators', index, 'identity'],
          message: 'is listed twice',
        });
      people.add(identity);
      for (const [place, fingerprint] of certificates.entries()) {
        if (owners.has(fingerprint))
          context.addIssue({
            code: 'custom',
            path: ['operators', index, 'certificates', place],
            message: `is listed twice: it is ${owners.get(fingerprint)}'s`,
          });
        owners.set(fingerprint, identity);
      }
    }
  });

/** @throws ConfigError with every fault and its line. */
export function parseOperators(text: string, source: string = OPERATORS_FILE): readonly Operator[] {
  return parseYaml(text, operatorsSchema, source).operators;
}
