import pg from 'pg';

/**
 * A role that reads the server's figures (pg_monitor) and no table of any schema, for the exporter.
 * @param url the address under which it comes in; `adminUrl` of a role that may create roles. Repeating it is safe.
 */
export async function ensureMonitorRole(adminUrl: string, url: string): Promise<void> {
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
      `${verb} ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 5 PASSWORD ${secret}`,
    );
    await client.query(`GRANT pg_monitor TO ${role}`);
  } finally {
    await client.end();
  }
}
