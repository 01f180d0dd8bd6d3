import { networkInterfaces } from 'node:os';
import { gatewayAddress } from '../../plan/addresses.ts';
import type { Check, Finding, PodAddresses } from '../check.ts';

/** Whether this machine and its pods have the addresses that the site file gives them. */
export const addresses: Check = {
  id: 'addresses',
  title: 'Addresses',
  needs: ['root'],
  async run({ uplinks, bridge, pods }) {
    if (!uplinks) return [{ state: 'ok', text: 'no site file says yet which addresses there should be' }];
    const held = heldHere();
    const name = await bridge();
    return judgeAddresses({
      listens: uplinks.ipv4.map(({ listen }) => listen),
      held: [...held.values()].flat(),
      gateways: uplinks.pools.map(({ prefix }) => ({ prefix, address: gatewayAddress(prefix) })),
      bridge: name === undefined ? undefined : { name, held: held.get(name) ?? [] },
      pods: name === undefined ? [] : await pods(),
    });
  },
};

export interface SeenAddresses {
  listens: string[];
  /** On any interface of this machine. */
  held: string[];
  /** This machine's address in each pool. */
  gateways: { prefix: string; address: string }[];
  /** Undefined before the first `up`. */
  bridge: { name: string; held: string[] } | undefined;
  pods: PodAddresses[];
}

export function judgeAddresses({ listens, held, gateways, bridge, pods }: SeenAddresses): Finding[] {
  const findings = [
    ...listens.filter((address) => !isHeld(address, held)).map(absent),
    ...(bridge ? gateways.filter(({ address }) => !bridge.held.includes(address)) : []).map(
      ({ prefix, address }): Finding => ({
        state: 'fault',
        text: `this machine does not route ${prefix} to the pods`,
        evidence: `${bridge?.name} has ${bridge?.held.join(', ') || 'no address'}, and not ${address}`,
        remedy: './allod up puts it back',
      }),
    ),
    ...pods.flatMap(podFinding),
  ];
  if (findings.length > 0) return findings;
  const pools = gateways.map(({ prefix }) => prefix).join(', ');
  if (pools === '')
    return [
      {
        state: 'ok',
        text: `${listens.join(', ')} is here; there is no IPv6 pool, so people come over IPv4 alone`,
      },
    ];
  const answers = bridge ? `${pools} leads to the pods` : 'there are no pods yet';
  return [{ state: 'ok', text: `${listens.join(', ')} is here, ${answers}` }];
}

/** All of 127.0.0.0/8 is this machine's (RFC 1122 section 3.2.1.3). */
function isHeld(address: string, held: string[]): boolean {
  return address === '0.0.0.0' || address.startsWith('127.') || held.includes(address);
}

function absent(address: string): Finding {
  return {
    state: 'fault',
    text: `no interface of this machine has ${address}, so nothing can be reached over IPv4`,
    evidence: 'ip -brief address shows which there are',
    remedy: `behind a router that forwards, set network.ipv4.listen to this machine's own address; else give it ${address}`,
  };
}

function podFinding({ service, wanted, found }: PodAddresses): Finding[] {
  const missing = wanted.filter((address) => !found.includes(address));
  if (missing.length === 0) return [];
  return [
    {
      state: 'fault',
      text: `${service} does not have ${missing.join(', ')}, so nobody reaches it directly there`,
      evidence: `its pod has ${found.join(', ') || 'no address outside of the site'}`,
      remedy: './allod up gives it',
    },
  ];
}

function heldHere(): Map<string, string[]> {
  return new Map(
    Object.entries(networkInterfaces()).map(([name, list]) => [
      name,
      (list ?? []).map(({ address }) => address),
    ]),
  );
}
