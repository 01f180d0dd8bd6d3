import type { Pod } from '../model/pod.ts';
import type { Site } from '../model/site.ts';
import type { Instance } from './instance.ts';

/**
 * Names each pod may look up: of services it asked something of and may reach, and of those whose host it connects by,
 * whoever asked for that.
 */
export function aliasesOf(site: Site, instances: Instance[]): (instance: Instance) => Pod['aliases'] {
  const hosts = new Map(instances.map(({ context }) => [context.service.id, context.service.host]));
  /** By who connects: whom it reaches by their hosts. */
  const byHost = new Map<string, Set<string>>();
  for (const { from, to, byHost: named } of instances.flatMap(({ allow }) => allow))
    if (named) byHost.set(from, (byHost.get(from) ?? new Set()).add(to));

  return ({ context, allow }) => {
    const { id } = context.service;
    const named = byHost.get(id) ?? new Set();
    const own = allow.filter((rule) => rule.from === id).map((rule) => rule.to);
    return [...new Set([...own, ...named])].sort().map((target) => {
      const inner = `${target}.${site.domain}`;
      const host = named.has(target) ? hosts.get(target) : undefined;
      return { ip: context.address(target), names: [...new Set([inner, host ?? inner])] };
    });
  };
}
