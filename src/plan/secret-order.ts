import { keyOf, type Resource } from '../model/resource.ts';
import { isSecretRef } from '../model/secret.ts';

/**
 * Who takes the value before the present one too is told of a new value first: when it reaches those who show it, it is
 * taken already.
 */
export function takersFirst(resources: Resource[]): Resource[] {
  const takers = new Map<string, string>();
  const files = resources.filter(({ kind }) => kind === 'files');
  for (const set of files) for (const path of pathsIn(set.spec, true)) takers.set(path, keyOf(set));
  if (takers.size === 0) return resources;
  return resources.map((resource) => {
    if (resource.kind !== 'files') return resource;
    const first = [...pathsIn(resource.spec, false)].flatMap((path) => takers.get(path) ?? []);
    const others = new Set(first.filter((key) => key !== keyOf(resource)));
    return others.size === 0 ? resource : { ...resource, needs: [...resource.needs, ...others] };
  });
}

/** Paths of the references in a value: of those to previous values, or of the others. */
function pathsIn(value: unknown, previous: boolean): Set<string> {
  const paths = new Set<string>();
  function visit(part: unknown): void {
    if (typeof part !== 'object' || part === null) return;
    if (!isSecretRef(part)) for (const member of Object.values(part)) visit(member);
    else if ((part.previous === true) === previous) paths.add(part.secret);
  }
  visit(value);
  return paths;
}
