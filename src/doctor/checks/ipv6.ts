import { readFile } from 'node:fs/promises';
import { exec } from '../../util/exec.ts';
import type { Check, Finding } from '../check.ts';

export const ipv6: Check = {
  id: 'ipv6',
  title: 'IPv6',
  needs: ['packages'],
  async run(context, signal) {
    const daemon = await context.askDaemon().catch(() => undefined);
    return judgeIpv6(await readKernel(signal), daemon !== undefined);
  },
};

export interface Ipv6Kernel {
  /** Off for the whole machine, or not in the kernel at all. */
  off: boolean;
  forwarding: boolean;
  /** Interfaces with a default route that a router advertisement brought. */
  advertised: { interface: string; acceptRa: number }[];
}

/**
 * A kernel that forwards ignores router advertisements unless accept_ra is 2 (ip-sysctl.rst of Linux). `up`
 * sees to that; something that sets it back costs the machine its own way out when the route's time is over.
 */
export function judgeIpv6({ off, forwarding, advertised }: Ipv6Kernel, siteRuns: boolean): Finding[] {
  if (off)
    return [
      {
        state: 'fault',
        text: 'IPv6 is switched off on this machine; pods reach each other by it',
        remedy: 'remove ipv6.disable=1 from the kernel command line or set net.ipv6.conf.all.disable_ipv6=0',
      },
    ];
  if (siteRuns && !forwarding)
    return [
      {
        state: 'fault',
        text: 'IPv6 is not forwarded, so nobody outside reaches a pod directly',
        evidence: 'net.ipv6.conf.all.forwarding is 0',
        remedy: 'sysctl net.ipv6.conf.all.forwarding=1, and look in /etc/sysctl.d for what set it to 0',
      },
    ];
  // 0: systemd-networkd or NetworkManager reads the advertisements, whatever the kernel forwards.
  const lost = advertised.filter(({ acceptRa }) => forwarding && acceptRa === 1);
  if (lost.length === 0) return [{ state: 'ok', text: `on${forwarding ? ' and forwarded' : ''}` }];
  return lost.map(({ interface: name }) => ({
    state: 'warning',
    text: `${name} has its IPv6 route from its router, and loses it soon because this machine forwards to pods`,
    evidence: `net.ipv6.conf.${name}.accept_ra is 1`,
    remedy: `sysctl net.ipv6.conf.${name}.accept_ra=2, and look in /etc/sysctl.d for what set it to 1`,
  }));
}

async function readKernel(signal: AbortSignal): Promise<Ipv6Kernel> {
  const disabled = await setting('all/disable_ipv6');
  if (disabled !== 0) return { off: true, forwarding: false, advertised: [] };
  const json = await exec(['ip', '-6', '-json', 'route', 'show', 'default'], { signal });
  const routes = JSON.parse(json || '[]') as { dev: string; protocol: string }[];
  const interfaces = routes.filter(({ protocol }) => protocol === 'ra').map(({ dev }) => dev);
  return {
    off: false,
    forwarding: (await setting('all/forwarding')) === 1,
    advertised: await Promise.all(
      [...new Set(interfaces)].map(async (name) => ({
        interface: name,
        acceptRa: (await setting(`${name}/accept_ra`)) ?? 0,
      })),
    ),
  };
}

async function setting(name: string): Promise<number | undefined> {
  const text = await readFile(`/proc/sys/net/ipv6/conf/${name}`, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number(text);
}
