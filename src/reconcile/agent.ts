import type { Resource } from '../model/resource.ts';
import { refsIn } from '../model/secret.ts';

/** Brings changed secrets to what uses them, at once and to nothing else. */
export interface Agent {
  /** What is laid out now, as of the last run. */
  lookAfter(resources: Resource[]): void;
  /** Resolves when everything that refers to one of the paths is seen to use the values of today: how many there are. */
  changed(paths: string[]): Promise<number>;
}

/** `takeIn`: renders, reloads and proves one resource of kind `files`; throws Transient where it is not used. */
export function createAgent(takeIn: (resource: Resource) => Promise<void>): Agent {
  /** By path: the file sets in which it stands. */
  let users = new Map<string, Resource[]>();

  return {
    lookAfter(resources) {
      users = new Map();
      for (const resource of resources) {
        if (resource.kind !== 'files') continue;
        for (const path of refsIn(resource.spec)) users.set(path, [...(users.get(path) ?? []), resource]);
      }
    },
    async changed(paths) {
      const sets = new Set(paths.flatMap((path) => users.get(path) ?? []));
      await Promise.all([...sets].map(takeIn));
      return sets.size;
    },
  };
}
