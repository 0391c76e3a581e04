import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The folder beside the checkout, where the reference data lies unless `FLEET_DATA_DIR` names another. */
const BESIDE_CHECKOUT = join(import.meta.dirname, '..', '..', '..', '..', '..', 'shared', 'data');

/**
 * The absolute path of a reference file (`golden/metrics.json`, `candles/….csv.gz`), or null where it is not on
 * this machine: market data is not part of the repository, so a test that uses it also has data of its own.
 * A `FLEET_DATA_DIR` that is set and has no such file is an error, so that a wrong path cannot skip a comparison.
 */
export function referenceData(relativePath: string): string | null {
  const chosen = process.env['FLEET_DATA_DIR'];
  const path = join(chosen ?? BESIDE_CHECKOUT, relativePath);
  if (existsSync(path)) return path;
  if (chosen === undefined) return null;
  throw new Error(`FLEET_DATA_DIR is ${chosen}, which has no ${relativePath}; correct it or unset it.`);
}

/** The text of a reference file, unpacked when its name ends in .gz; null where it is not on this machine. */
export function referenceText(relativePath: string): string | null {
  const path = referenceData(relativePath);
  if (path === null) return null;
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes).toString('latin1') : bytes.toString('utf8');
}
