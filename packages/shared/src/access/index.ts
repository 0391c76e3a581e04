export {
  ACCESS_FILE,
  type AccessTable,
  accessTableSchema,
  loadAccessTable,
  usualRole,
} from './access-table.ts';
export {
  fingerprintSchema,
  OPERATORS_FILE,
  type Operator,
  operatorSchema,
  operatorsSchema,
  parseOperators,
  REVOKED_FILE,
} from './operators.ts';
export { covers, PERSON_ROLES, type PersonRole, ROUTE_ROLES, type RouteRole } from './roles.ts';
