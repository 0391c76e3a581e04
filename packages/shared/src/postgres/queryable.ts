import type { QueryResult, QueryResultRow } from 'pg';

/** A named statement is prepared once per connection and then only executed. */
export interface NamedStatement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * What a store needs: a pool, a client inside a transaction, or a fake. `numeric` and `int8` columns come as strings,
 * `timestamptz` as Date, `date` as the string `YYYY-MM-DD` (see createPool).
 */
export interface Queryable {
  query<Row extends QueryResultRow = QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>>;
  query<Row extends QueryResultRow = QueryResultRow>(statement: NamedStatement): Promise<QueryResult<Row>>;
}
