/** Which actor got which version of a secret in the life of this process, by the audit log. */
export interface Noted {
  has(actor: string, path: string, version: number): boolean;
  add(actor: string, path: string, version: number): void;
  /** Of a path, all versions but the newest `keep`. */
  forget(path: string, keep: number): void;
  clear(): void;
}

export function createNoted(): Noted {
  const actors = new Map<string, Map<number, Set<string>>>();

  return {
    has: (actor, path, version) => actors.get(path)?.get(version)?.has(actor) ?? false,
    add(actor, path, version) {
      const versions = actors.get(path) ?? new Map<number, Set<string>>();
      actors.set(path, versions);
      versions.set(version, (versions.get(version) ?? new Set()).add(actor));
    },
    forget(path, keep) {
      const versions = actors.get(path);
      for (const old of [...(versions?.keys() ?? [])].sort((a, b) => b - a).slice(keep))
        versions?.delete(old);
      if (keep === 0) actors.delete(path);
    },
    clear: () => actors.clear(),
  };
}
