export { sha256Hex, uuidV5 } from './uuid.ts';
