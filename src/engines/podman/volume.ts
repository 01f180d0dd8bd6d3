import { chownSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fingerprint } from '../../model/fingerprint.ts';
import type { Layout } from '../../model/layout.ts';
import type { Provider } from '../../model/provider.ts';
import { keyOf } from '../../model/resource.ts';

interface VolumeSpec {
  service: string;
  name: string;
  owner: number;
}

/** A volume is a directory of this machine, 0700, owned by the user of the container that mounts it. */
export function volumeProvider(layout: Layout): Provider {
  return {
    kinds: ['volume'],
    async observe(desired) {
      const found = desired.flatMap((resource) => {
        const { service, name, owner } = resource.spec as VolumeSpec;
        const stat = statSync(layout.volume(service, name), { throwIfNoEntry: false });
        if (!stat) return [];
        const right = stat.isDirectory() && stat.uid === owner && (stat.mode & 0o777) === 0o700;
        return [
          [keyOf(resource), { fingerprint: right ? fingerprint(resource.spec) : 'wrong owner or mode' }],
        ];
      });
      return Object.fromEntries(found);
    },
    async apply(change) {
      const { service, name, owner } = change.spec as VolumeSpec;
      const path = layout.volume(service, name);
      mkdirSync(dirname(path), { recursive: true });
      makeOwned(path, owner, 0o700);
    },
  };
}

/** Makes a directory, or gives an existing one its owner and mode. */
export function makeOwned(path: string, owner: number, mode: number): void {
  mkdirSync(path, { recursive: true, mode });
  chownSync(path, owner, owner);
}
