import type { Context } from '../../src/contracts/service.ts';
import type { Site } from '../../src/model/site.ts';
import { uplinksOf } from '../../src/plan/uplinks.ts';

/** A site as the reader gives it, with every default; some keys otherwise. */
export function siteData(keys: Partial<Site> = {}): Site {
  return {
    version: 1,
    domain: 'example.org',
    network: {
      ipv6: { pool: '2001:db8:a:10::/64' },
      ipv4: { address: '203.0.113.7', listen: '203.0.113.7' },
    },
    dns: { ttl: 300, policy: 'sync', records: [], secondaries: [] },
    administrators: [],
    secrets: {
      unseal: 'host-key',
      logins: { period: 3600, drain: 600, lifetime: 11_400 },
      sources: [],
      files: [],
    },
    certificates: { lifetime: 604_800 },
    services: [],
    ...keys,
  };
}

/** What the functions of a definition are given; addresses are the same for every service. */
export function contextData<Settings>(
  service: Context<Settings>['service'],
  site: Site = siteData(),
): Context<Settings> {
  return {
    site,
    service,
    uplinks: uplinksOf({ inForce: site.network }, site.dns.ttl),
    outer: ['2001:db8:a:10::5'],
    address: () => 'fd00:1:2::5',
    inner: { pool: 'fd00:1:2::/64', gateway: 'fd00:1:2::1' },
  };
}
