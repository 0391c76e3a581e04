import { basename } from 'node:path';

export interface CandlePath {
  readonly symbol: string;
  readonly path: string;
}

/** `SYMBOL=path`, or a path whose name begins with the symbol: the simulator has read them before and found them good. */
export function candlePaths(files: readonly string[]): CandlePath[] {
  return files.map((file) => {
    const given = /^([A-Z0-9]{4,20})=(.+)$/.exec(file);
    if (given?.[1] !== undefined && given[2] !== undefined) return { symbol: given[1], path: given[2] };
    return { symbol: basename(file).split('-')[0] ?? '', path: file };
  });
}
