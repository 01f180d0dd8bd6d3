import type { Site } from '../model/site.ts';
import { mixedScriptLabels } from './names.ts';

/** What is allowed and yet worth a word to the person, one sentence each. */
export function siteNotices(site: Site): string[] {
  const names = new Set([site.domain, ...site.services.map((service) => service.host)]);
  const labels = new Set([...names].flatMap(mixedScriptLabels));
  return [...labels].map(
    (label) => `the name "${label}" mixes letters of several scripts: check that it is the one you mean`,
  );
}
