export type { NamedStatement, Queryable } from './queryable.ts';
