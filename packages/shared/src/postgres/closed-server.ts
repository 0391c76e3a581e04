import pg from 'pg';

/**
 * What Postgres lets every role do and no service needs: advisory locks, of which one stops every migration, and large
 * objects, which fill the disk beside every grant. Of the database of this connection; needs the superuser, and without
 * one (a server that somebody else keeps) it changes nothing.
 */
export async function closeFunctions(client: pg.Client): Promise<void> {
  if (!(await isSuperuser(client))) return;
  const { rows } = await client.query<{ signature: string }>(
    `SELECT oid::regprocedure::text AS signature FROM pg_proc
     WHERE pronamespace = 'pg_catalog'::regnamespace AND has_function_privilege('public', oid, 'EXECUTE')
       AND (proname ~ '^pg_(try_)?advisory_' OR proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import'))`,
  );
  for (const { signature } of rows)
    await client.query(`REVOKE EXECUTE ON FUNCTION pg_catalog.${signature} FROM PUBLIC`);
}

/**
 * Shuts the databases that every server has beside ours: whoever may log in could else make temporary tables there.
 * Superusers still come in. Repeating it is safe.
 * @param adminUrl of a superuser; under another role it changes nothing.
 */
export async function closeOtherDatabases(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'migrate' });
  await client.connect();
  try {
    if (!(await isSuperuser(client))) return;
    const { rows } = await client.query<{ name: string }>(
      `SELECT datname AS name FROM pg_database WHERE datname IN ('postgres', 'template1') AND datname <> current_database()`,
    );
    for (const { name } of rows)
      await client.query(
        `REVOKE CONNECT, TEMPORARY ON DATABASE ${client.escapeIdentifier(name)} FROM PUBLIC`,
      );
  } finally {
    await client.end();
  }
}

/** Sessions that hold the advisory lock `lock` or something of the schema, in words, with how to end each. */
export async function lockHolders(client: pg.Client, lock: number, schema: string): Promise<string[]> {
  const { rows } = await client.query<Record<'pid' | 'role' | 'program' | 'since', string>>(
    `SELECT DISTINCT a.pid::text, coalesce(a.usename, '') AS role, a.application_name AS program,
       to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
     FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid LEFT JOIN pg_class c ON c.oid = l.relation
     WHERE l.granted AND a.pid <> pg_backend_pid() AND a.datname = current_database() AND
       (l.locktype = 'advisory' AND l.objid::bigint = $1 OR l.locktype = 'relation' AND c.relnamespace = to_regnamespace($2))`,
    [lock, schema],
  );
  return rows.map(
    ({ pid, role, program, since }) =>
      `role ${role}, program "${program.slice(0, 40)}", there since ${since}: select pg_terminate_backend(${pid}) ends it`,
  );
}

async function isSuperuser(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ on: boolean }>(
    'SELECT rolsuper AS "on" FROM pg_roles WHERE rolname = current_user',
  );
  return rows[0]?.on === true;
}
