/** As measure-plan.ts, of a change of provider: everything is in place for the old one; prints PlanTimes as JSON. */
import { readFileSync } from 'node:fs';
import type { PlanTimes } from '../bench/row.ts';
import { fingerprint } from '../model/fingerprint.ts';
import { keyOf, type Observed } from '../model/resource.ts';
import type { SiteNetwork } from '../model/site.ts';
import { desire } from '../plan/desired.ts';
import { outlookOf } from '../plan/outlook.ts';
import { plan } from '../plan/plan.ts';
import { foresee } from '../plan/renumbering.ts';
import { readSite } from '../site/read.ts';
import { loadCatalog } from './load-catalog.ts';

const catalog = await loadCatalog();
const bytes = readFileSync(process.argv[2] ?? '');
const suite = { suite: 'trixie', digest: '0'.repeat(64) };
const addresses = { subnet: '10.64.0.0/16', given: {} };
const blank: Observed = { resources: {}, unknown: {}, addresses, suite };
const before: SiteNetwork = {
  ipv6: { pool: '2001:db8:01d::/64' },
  ipv4: { address: '203.0.113.7', listen: '203.0.113.7' },
};
const old = desire({ ...readSite(bytes, 'site.yaml', catalog), network: before }, catalog, blank);
const resources = Object.fromEntries(
  old.resources.map((resource) => [keyOf(resource), { fingerprint: fingerprint(resource.spec) }]),
);

const start = performance.now();
const site = readSite(bytes, 'site.yaml', catalog);
const network = foresee(site.network, { inForce: before });
const { changes } = plan(site, catalog, { ...blank, resources, network });
outlookOf(network, site.dns.ttl, { acts: [], remembered: 0 }, false);
const times: PlanTimes = {
  ms: performance.now() - start,
  changes: changes.length,
  memory: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(JSON.stringify(times));
