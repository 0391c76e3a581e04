import type { Service } from './compose-config.ts';
import { CONTAINERS } from './containers.ts';

type Volume = NonNullable<Service['volumes']>[number];

/** What a container sees, and where, is on its list. */
export function seesItsFiles(name: string, { volumes = [] }: Service): boolean {
  const targets = volumes.map(({ target }) => target);
  return new Set(targets).size === targets.length && volumes.every((volume) => isKnown(name, volume));
}

function isKnown(name: string, volume: Volume): boolean {
  return (CONTAINERS[name]?.mounts ?? []).some((mount) => {
    if (mount.target !== volume.target) return false;
    if ('volume' in mount)
      return (
        volume.type === 'volume' &&
        volume.source === mount.volume &&
        (mount.writes || volume.read_only === true)
      );
    if (volume.type !== 'bind' || volume.source.includes('..')) return false;
    return mount.folder === '' ? volume.source === '/' : volume.source.endsWith(`/${mount.folder}`);
  });
}
