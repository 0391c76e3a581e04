export { copyState, restoreState, SnapshotShapeError } from './snapshot.ts';
