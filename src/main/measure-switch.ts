/** As measure-plan.ts, of a change of provider: everything is in place for the old one; prints PlanTimes as JSON. */
import { readFileSync } from 'node:fs';
import { FORMER } from '../bench/generated-site.ts';
import type { PlanTimes } from '../bench/row.ts';
import { fingerprint } from '../model/fingerprint.ts';
import { keyOf, type Observed } from '../model/resource.ts';
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
const resources = inPlace();

const start = performance.now();
const site = readSite(bytes, 'site.yaml', catalog);
const network = foresee(site.network, { inForce: FORMER });
const { changes } = plan(site, catalog, { ...blank, resources, network });
outlookOf(network, {
  ...{ now: 0, ttl: site.dns.ttl, begun: false },
  outside: { acts: [], remembered: 0 },
});
const times: PlanTimes = {
  ms: performance.now() - start,
  changes: changes.length,
  memory: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(JSON.stringify(times));

/** As a look at the world finds it. */
function inPlace(): Observed['resources'] {
  const site = { ...readSite(bytes, 'site.yaml', catalog), network: FORMER };
  const wanted = desire(site, catalog, blank).resources;
  return Object.fromEntries(wanted.map((one) => [keyOf(one), { fingerprint: fingerprint(one.spec) }]));
}
