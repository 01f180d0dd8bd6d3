import type { Resource } from '../model/resource.ts';
import type { RouteSpec, SourceRoute } from '../model/route.ts';
import type { Gateway } from '../model/site.ts';
import type { Uplinks } from '../model/uplinks.ts';

/**
 * Answers leave by the router of the provider whose address was asked: providers drop what comes from another's
 * (RFC 2827, RFC 8028). Undefined where no uplink names a router: this machine's default route does for all of them.
 */
export function routeResource({ pools, ipv4 }: Uplinks): Resource | undefined {
  const routes = [
    ...pools.flatMap(({ prefix, gateway }) => routeOf(prefix, gateway)),
    ...ipv4.flatMap(({ listen, gateway }) => routeOf(listen, gateway)),
  ];
  if (routes.length === 0) return undefined;
  return {
    kind: 'route',
    name: 'uplinks',
    service: 'site',
    why: {
      service: 'site',
      rule: 'route',
      sentence: 'answers leave by the router of the provider they were asked through',
    },
    needs: [],
    // Behind a router that forwards, two public addresses may come in at one of this machine's: the newest counts.
    spec: {
      routes: [...Map.groupBy(routes, ({ source }) => source).values()].flatMap(([first]) => first ?? []),
    } satisfies RouteSpec,
  };
}

function routeOf(source: string, gateway: Gateway | undefined): SourceRoute[] {
  return gateway ? [{ source, gateway }] : [];
}
