import { fingerprint } from '../../model/fingerprint.ts';
import type { Provider } from '../../model/provider.ts';
import { type Podman, siteLabel } from './podman.ts';

export interface NetworkSpec {
  subnet: string;
  pool: string;
  gateway: string;
}

interface NetworkListing {
  name: string;
  network_interface: string;
  subnets: { subnet: string; gateway: string }[];
}

export function networkName(domain: string): string {
  return `allod-${domain}`;
}

/**
 * One dual-stack bridge for the pods of a site, without podman's own name server.
 * `enableForwarding` is called before there is anything to forward to.
 */
export function networkProvider(
  podman: Podman,
  domain: string,
  enableForwarding: () => Promise<unknown>,
): Provider {
  const name = networkName(domain);
  return {
    kinds: ['network'],
    async observe() {
      const found = await list(podman, domain);
      if (!found) return {};
      const [v4, v6] = found.subnets;
      const spec = { subnet: v4?.subnet, pool: v6?.subnet, gateway: v6?.gateway };
      return { 'network/pods': { fingerprint: fingerprint(spec) } };
    },
    async apply(change) {
      // Pods hold addresses of the old network: they go with it and are made again by the same plan.
      if (change.action !== 'create') await podman(['network', 'rm', '--force', name]);
      if (change.action === 'delete') return;
      const { subnet, pool, gateway } = change.spec as NetworkSpec;
      await enableForwarding();
      const create = ['network', 'create', '--ipv6', '--disable-dns', '--label', siteLabel(domain)];
      const addresses = ['--gateway', firstHost(subnet), '--gateway', gateway];
      await podman([...create, '--subnet', subnet, '--subnet', pool, ...addresses, name]);
    },
  };
}

/** Name of the bridge on this machine, or undefined where there is no network yet. */
export async function bridgeOf(podman: Podman, domain: string): Promise<string | undefined> {
  return (await list(podman, domain))?.network_interface;
}

async function list(podman: Podman, domain: string): Promise<NetworkListing | undefined> {
  const json = await podman(['network', 'ls', '--format', 'json', '--filter', `label=${siteLabel(domain)}`]);
  return (JSON.parse(json) as NetworkListing[]).find((network) => network.name === networkName(domain));
}

function firstHost(subnet: string): string {
  return subnet.replace(/\.\d+\/.*$/, '.1');
}
