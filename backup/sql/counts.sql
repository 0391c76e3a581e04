-- Figures that only rise: what a restored cluster must hold at least. `name|number` a line, of the tables that are there.
SELECT format('SELECT %L, count(*) FROM %I.%I', schemaname || '.' || tablename, schemaname, tablename)
FROM pg_tables
WHERE tablename IN ('ledger_entries', 'ledger_postings', 'fills', 'orders', 'migrations')
ORDER BY schemaname, tablename
\gexec
-- The last event of each run and partition.
SELECT format('SELECT %L || run || '' '' || partition, max(seq) FROM %I.outbox GROUP BY run, partition',
  schemaname || '.outbox ', schemaname)
FROM pg_tables
WHERE tablename = 'outbox'
ORDER BY schemaname
\gexec
