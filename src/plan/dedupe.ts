import { canonical } from '../model/fingerprint.ts';
import { keyOf, type Resource } from '../model/resource.ts';
import type { RecordSpec } from '../model/zone.ts';

/**
 * Two services may ask for the same thing in the same words, and values of one record set may come from
 * several services; anything else that is wanted in two forms is a bug.
 */
export function dedupe(resources: Resource[]): Resource[] {
  const byKey = new Map<string, Resource>();
  for (const resource of resources) {
    const key = keyOf(resource);
    const first = byKey.get(key);
    if (!first) byKey.set(key, resource);
    else if (resource.kind === 'record') byKey.set(key, joinRecords(first, resource));
    else if (canonical(first.spec) !== canonical(resource.spec))
      throw new Error(`${key} is wanted in two forms, by ${first.service} and by ${resource.service}`);
  }
  return [...byKey.values()];
}

/** The union of the values, with the shorter time to live. */
function joinRecords(a: Resource, b: Resource): Resource {
  const [one, other] = [a.spec as RecordSpec, b.spec as RecordSpec];
  const values = [...new Set([...one.values, ...other.values])].sort();
  return { ...a, spec: { ...one, values, ttl: Math.min(one.ttl, other.ttl) } };
}
