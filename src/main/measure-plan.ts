/** Run by the bench in a process of its own, `node measure-plan.ts SITE_FILE`; prints PlanTimes as JSON. */
import { readFileSync } from 'node:fs';
import type { PlanTimes } from '../bench/row.ts';
import { plan } from '../plan/plan.ts';
import { readSite } from '../site/read.ts';
import { loadCatalog } from './load-catalog.ts';

const catalog = await loadCatalog();
const bytes = readFileSync(process.argv[2] ?? '');
const start = performance.now();
const site = readSite(bytes, 'site.yaml', catalog);
const suite = { suite: 'trixie', digest: '0'.repeat(64) };
const addresses = { subnet: '10.64.0.0/16', given: {} };
const { changes } = plan(site, catalog, { resources: {}, unknown: {}, addresses, suite });
const times: PlanTimes = {
  ms: performance.now() - start,
  changes: changes.length,
  memory: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(JSON.stringify(times));
