export { signingKeyId } from './signing-key-id.ts';
export { sha256Hex, uuidV5 } from './uuid.ts';
