export { referenceData, referenceText } from './reference-data.ts';
