import type { Check, Finding, PodAddresses } from '../check.ts';

/** Far away, in either family: addresses of a.root-servers.net. Nothing is sent there. */
const FAR = { ipv4: '198.41.0.4', ipv6: '2001:503:ba3e::2:30' };

/** What connections that begin here come from: a mail server that is called otherwise than published is refused. */
export const outgoing: Check = {
  id: 'outgoing',
  title: 'Outgoing',
  needs: ['addresses'],
  async run({ uplinks, pods, sourceTo }) {
    if (!uplinks) return [{ state: 'ok', text: 'no site file says yet where from' }];
    const running = uplinks.pools.length > 0 ? await pods() : [];
    const sources = await Promise.all(
      running.map(async (pod) => ({ ...pod, source: await sourceTo(FAR.ipv6, pod.service) })),
    );
    return [
      judgeIpv4(await sourceTo(FAR.ipv4), uplinks.ipv4),
      ...(uplinks.pools.length > 0 ? judgePods(await sourceTo(FAR.ipv6), sources) : []),
    ];
  },
};

export function judgeIpv4(source: string | undefined, ipv4: { address: string; listen: string }[]): Finding {
  if (source === undefined) return noWay('IPv4');
  if (ipv4.every(({ listen }) => listen.startsWith('127.')))
    return { state: 'ok', text: `over IPv4 from ${source}; the site itself is on the loopback alone` };
  const uplink = ipv4.find(({ address, listen }) => source === listen || source === address);
  if (!uplink)
    return {
      state: 'warning',
      text: `over IPv4 this machine begins connections from ${source}, which is not an address of the site`,
      evidence: `ip route get ${FAR.ipv4}`,
      remedy: `if others should see ${ipv4[0]?.address}, set it as the source of the default route: ip route change default … src ${ipv4[0]?.listen}`,
    };
  const { address, listen } = uplink;
  if (address === listen) return { state: 'ok', text: `over IPv4 from ${address}` };
  return {
    state: 'ok',
    text: `over IPv4 from ${source}, which the router before it should show as ${address}`,
  };
}

/** `machine`: what this machine itself would come from. */
export function judgePods(
  machine: string | undefined,
  pods: (PodAddresses & { source: string | undefined })[],
): Finding[] {
  if (machine === undefined) return [noWay('IPv6')];
  if (pods.length === 0) return [{ state: 'ok', text: `over IPv6 from ${machine}; no pod runs` }];
  const strange = pods.filter(({ source, wanted }) => source === undefined || !wanted.includes(source));
  if (strange.length === 0) return [{ state: 'ok', text: 'over IPv6 each pod from its own address' }];
  return strange.map(({ service, source, wanted }) => ({
    state: 'warning',
    text: `over IPv6 ${service} begins connections from ${source ?? 'nowhere'}, not from ${wanted.join(' or ')}`,
    evidence: `ip -6 route get ${FAR.ipv6}, in its pod`,
    remedy: './allod up gives it its addresses',
  }));
}

function noWay(family: string): Finding {
  const option = family === 'IPv6' ? '-6 ' : '';
  return {
    state: 'warning',
    text: `this machine has no way outside over ${family}`,
    evidence: `ip ${option}route get has no answer`,
    remedy: `ip ${option}route show default should name the provider's router; without one, the site works inside`,
  };
}
