import { redisUsers } from '../fleet/redis-access.ts';
import type { Generated } from './generated-files.ts';

export function redisUsersFile(): Generated {
  return { files: [{ path: 'redis/users.acl', content: redisUsers() }], problems: [] };
}
