import { Redis } from 'ioredis';
import { RunFailure } from './run-failure.ts';

/** Lets the users of the server's ACL file count. */
export async function loadUsers(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined); // the command rejects with it
  try {
    await redis.connect();
    await redis.call('ACL', 'LOAD');
  } catch (error) {
    const why = (error as Error).message;
    throw new RunFailure(`Redis does not take its users: ${why}`, 'mend redis/users.acl by `pnpm generate`');
  } finally {
    redis.disconnect();
  }
}
