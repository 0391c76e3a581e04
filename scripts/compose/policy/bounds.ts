import type { Service } from './compose-config.ts';
import { CONTAINERS, TMP } from './containers.ts';

const MIB = 1024 ** 2;
/** The largest that a container of the shipped files needs; an operator who needs more knows why. */
const MAXIMA = {
  memoryBytes: 1024 * MIB,
  sharedBytes: 128 * MIB,
  processes: 256,
  cpus: 1,
  logMb: 10,
  logFiles: 5,
};

const within = (value: number | undefined, max: number): boolean =>
  value !== undefined && value > 0 && value <= max;

export function hasBounds({ mem_limit, pids_limit, cpus, shm_size }: Service): boolean {
  return (
    within(mem_limit, MAXIMA.memoryBytes) &&
    within(pids_limit, MAXIMA.processes) &&
    within(cpus, MAXIMA.cpus) &&
    (shm_size === undefined || within(shm_size, MAXIMA.sharedBytes))
  );
}

export function rotates(name: string, { logging }: Service): boolean {
  const { 'max-size': size = '', 'max-file': files, tag } = logging?.options ?? {};
  const [, megabytes] = /^(\d+)m$/.exec(size) ?? [];
  return (
    logging?.driver === 'json-file' &&
    within(Number(megabytes), MAXIMA.logMb) &&
    within(Number(files), MAXIMA.logFiles) &&
    tag === name
  );
}

/** /tmp and what is its own, each with its size, owner and mode. */
export function hasItsMemory(name: string, { tmpfs = [] }: Service): boolean {
  const wanted = [TMP, ...(CONTAINERS[name]?.memory ?? [])];
  return [...tmpfs].sort().join(' ') === [...wanted].sort().join(' ');
}
