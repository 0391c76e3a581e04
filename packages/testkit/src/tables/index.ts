export { applyWrites } from './table-writes.ts';
