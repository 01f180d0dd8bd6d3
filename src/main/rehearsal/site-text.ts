import { parse } from 'yaml';
import type { SiteNetwork } from '../../model/site.ts';

/** How long, in seconds, an address of the copy may be remembered: each phase takes as long. */
export const TTL = 5;

/** As the site file names routers. */
export interface Gateways {
  ipv6: string;
  ipv4: string;
}

/**
 * The site file of the copy, given that of the site: another network, and nothing that reaches beyond the copy. Sources of
 * secrets, files of this machine and another certificate authority are left out.
 */
export function copyText(text: string, network: SiteNetwork, gateways: Gateways): string {
  const site = parse(text) as Record<string, unknown>;
  const { dns, secrets, certificates, ...rest } = site as Record<string, Record<string, unknown> | undefined>;
  const { acme: _acme, ...ownCertificates } = certificates ?? {};
  const { ipv6, ipv4 } = network;
  return JSON.stringify({
    ...rest,
    network: {
      ...(ipv6 ? { ipv6: { pool: ipv6.pool, gateway: gateways.ipv6 } } : {}),
      ipv4: { address: ipv4.address, gateway: gateways.ipv4 },
    },
    dns: { ...dns, ttl: `${TTL}s`, policy: 'sync' },
    ...(secrets?.logins ? { secrets: { logins: secrets.logins } } : {}),
    certificates: ownCertificates,
  });
}
