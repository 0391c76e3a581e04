import pg from 'pg';

/**
 * A role that reads the server's figures (pg_monitor) and no table of any schema, for the exporter.
 * @param url the address under which it comes in; `adminUrl` of a role that may create roles. Repeating it is safe.
 */
export function ensureMonitorRole(adminUrl: string, url: string): Promise<void> {
  return ensureReader(adminUrl, { url, attribute: 'NOREPLICATION', grant: 'pg_monitor', connections: 5 });
}

/**
 * The role of the backup: it copies the cluster and its WAL (REPLICATION), reads every table to compare counts
 * (pg_read_all_data), and writes nothing. Parameters as of `ensureMonitorRole`.
 */
export function ensureBackupRole(adminUrl: string, url: string): Promise<void> {
  return ensureReader(adminUrl, {
    url,
    attribute: 'REPLICATION',
    grant: 'pg_read_all_data',
    connections: 10,
  });
}

interface Reader {
  readonly url: string;
  readonly attribute: 'REPLICATION' | 'NOREPLICATION';
  readonly grant: 'pg_monitor' | 'pg_read_all_data';
  readonly connections: number;
}

async function ensureReader(adminUrl: string, { url, attribute, grant, connections }: Reader): Promise<void> {
  const { username, password } = new URL(url);
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'migrate' });
  await client.connect();
  try {
    const name = decodeURIComponent(username);
    const { rows } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
    const role = client.escapeIdentifier(name);
    const secret = client.escapeLiteral(decodeURIComponent(password));
    const verb = rows.length === 0 ? 'CREATE' : 'ALTER';
    await client.query(
      `${verb} ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE ${attribute} CONNECTION LIMIT ${connections} PASSWORD ${secret}`,
    );
    await client.query(`GRANT ${grant} TO ${role}`);
  } finally {
    await client.end();
  }
}
