-- What must not be in the books: a line a fault.
SELECT format($$
  SELECT %1$L || ': entry ' || entry || ' of ' || run || ' is off by ' || sum(amount) || ' ' || asset
  FROM %2$I.ledger_postings GROUP BY run, entry, asset HAVING sum(amount) <> 0 LIMIT 3 $$, schemaname, schemaname)
FROM pg_tables WHERE tablename = 'ledger_postings'
\gexec
SELECT format($$
  SELECT %1$L || ': entry ' || entry || ' of ' || run || ' has no ' || CASE WHEN e.entry IS NULL THEN 'head' ELSE 'postings' END
  FROM %2$I.ledger_entries e FULL JOIN (SELECT DISTINCT run, entry FROM %2$I.ledger_postings) p USING (run, entry)
  WHERE e.kind IS NULL OR p.run IS NULL LIMIT 3 $$, schemaname, schemaname)
FROM pg_tables WHERE tablename = 'ledger_entries'
\gexec
