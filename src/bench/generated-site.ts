import type { SiteNetwork } from '../model/site.ts';

/** Of the provider that the generated site had before. */
export const FORMER: SiteNetwork = {
  ipv6: { pool: '2001:db8:1d::/64' },
  ipv4: { address: '203.0.113.7', listen: '203.0.113.7' },
};

/** Types the generated services take turns in: one that only serves, one with a database of its own. */
const TYPES = ['contacts', 'projects'];

/** Text of a site file with as many services, several of each type. */
export function generatedSite(services: number): string {
  const entries = Array.from({ length: services }, (_, i) => {
    const type = TYPES[i % TYPES.length];
    return `  ${type}-${String(i + 1).padStart(4, '0')}: { type: ${type} }`;
  });
  return [
    'version: 1',
    'domain: plan.example.org',
    'network:',
    '  ipv6: { pool: 2001:db8:be:d::/64 }',
    '  ipv4: { address: 198.51.100.7 }',
    'services:',
    ...entries,
    '',
  ].join('\n');
}
