import { testDatabase } from '@fleet/testkit/infrastructure';
import { afterAll, expect, test } from 'vitest';
import { createPool, migrate } from '../postgres/index.ts';
import { createLogger } from '../telemetry/index.ts';
import { AccessLog } from './access-log.ts';

const database = await testDatabase();
const role = `role_${database.name}`;
const password = 'access-log-password';
await migrate({ adminUrl: database.url, schema: 'lamps', role, rolePassword: password, dirs: [] });
const url = new URL(database.url);
url.username = role;
url.password = password;
const pool = createPool({ connectionString: url.href, applicationName: 'access-log', max: 2 });

afterAll(async () => {
  await pool.end();
  await database.pool.query(`drop owned by ${role}`);
  await database.pool.query(`drop role ${role}`);
});

test('the service’s own role writes calls and removes those of 400 days ago', async () => {
  await pool.query(
    `insert into lamps.access_calls (at, outcome, method, path, address, request_id, trace)
     values (now() - interval '401 days', 'granted', 'POST', '/old', '-', 'old', '-')`,
  );
  const log = new AccessLog({
    db: { query: (text, values) => pool.query(text, [...values]) },
    schema: 'lamps',
    logger: createLogger({ service: 'lamps', level: 'silent' }),
    monotonic: () => performance.now(),
    onRows: () => undefined,
  });
  const call = {
    ...{ at: '2027-03-01T12:00:00.000Z', method: 'POST', path: "/x' -- ☂", address: '198.51.100.7' },
    traceparent: '00-1-2-01',
  };
  log.record({
    ...call,
    ...{ outcome: 'granted', requestId: 'r1', identity: 'anna@fleet.test', role: 'admin', fingerprint: 'f' },
  });
  log.record({ ...call, outcome: 'refused', reason: 'EDGE_SECRET_MISSING', requestId: 'r2' });
  log.record({ ...call, outcome: 'granted', requestId: 'r3', service: 'hub', role: 'viewer' });
  await log.written();
  const { rows } = await pool.query(
    `select outcome, code, method, path, identity, role, fingerprint, service, address, request_id, trace, at
     from lamps.access_calls order by position`,
  );
  const shared = { method: 'POST', path: "/x' -- ☂", address: '198.51.100.7', trace: '00-1-2-01' };
  const at = new Date('2027-03-01T12:00:00.000Z');
  const none = { identity: null, role: null, fingerprint: null, service: null, code: null };
  expect(rows).toEqual([
    {
      ...{ ...shared, ...none, at, outcome: 'granted', request_id: 'r1' },
      ...{ identity: 'anna@fleet.test', role: 'admin', fingerprint: 'f' },
    },
    { ...shared, ...none, at, outcome: 'refused', request_id: 'r2', code: 'EDGE_SECRET_MISSING' },
    { ...shared, ...none, at, outcome: 'granted', request_id: 'r3', service: 'hub', role: 'viewer' },
  ]);
});
