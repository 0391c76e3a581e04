import { createHmac } from 'node:crypto';
import { encodeBase64, hashSync } from 'bcryptjs';
import { stringify } from 'yaml';
import { type Secrets, secretOf } from './secrets.ts';

const BCRYPT_COST = 10;
const SALT_BYTES = 16;

/**
 * The web configuration of Prometheus and Alertmanager: one user, by the hash of its password. The salt follows from the
 * password, which is a long random one, so that the same secrets make the same file.
 */
export function webFile(user: 'prometheus' | 'alertmanager', secrets: Secrets): string {
  const password = secretOf(secrets, `${user}_password`);
  const salt = createHmac('sha256', password).update(`${user} web.yml`).digest().subarray(0, SALT_BYTES);
  const hash = hashSync(password, `$2b$${BCRYPT_COST}$${encodeBase64(salt, SALT_BYTES)}`);
  return stringify({ basic_auth_users: { [user]: hash } });
}
