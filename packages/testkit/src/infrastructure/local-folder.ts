import { join } from 'node:path';

/** The checkout this file belongs to. */
export const checkout: string = join(import.meta.dirname, '../../../..');

/** Everything that is installed or kept for this checkout alone; removing it undoes an installation. */
export const localFolder: string = join(checkout, '.local');
