import { connect } from 'node:net';
import { askDns } from '../../util/dns-client.ts';
import { messageOf } from '../../util/errors.ts';
import type { Check, Context, Door, Finding } from '../check.ts';

const TIMEOUT = 3000;

export const ports: Check = {
  id: 'ports',
  title: 'Ports',
  needs: ['root'],
  async run(context) {
    const held = await heldByOthers(context);
    if (held.length > 0) return held;
    const numbers = [...new Set(context.ports.map(({ port }) => port))].sort((a, b) => a - b).join(', ');
    const free: Finding = { state: 'ok', text: `nobody else holds a port of the site (${numbers})` };
    return [free, ...(await knock(context))];
  },
};

async function heldByOthers({ ports: wanted, holderOf, isOurs }: Context): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { ip, port, protocol } of wanted) {
    const holder = await holderOf(ip, port, protocol);
    if (!holder || isOurs(holder)) continue;
    findings.push({
      state: 'fault',
      text: `port ${port}/${protocol} of ${ip} is held by ${holder.name}`,
      evidence: `process ${holder.pid} has it open on ${holder.address}`,
      remedy: `stop ${holder.name}, or set network.ipv4.listen in the site file to another address`,
    });
  }
  return findings;
}

/** Every public port at its own addresses, from this machine. Before the first `up` there is nothing to knock at. */
async function knock({ doors, domain, bridge }: Context): Promise<Finding[]> {
  if (!domain || (await bridge()) === undefined) return [];
  // A datagram may be lost or unwanted: only DNS says that it has come.
  const asked = doors.filter(({ protocol, port }) => protocol === 'tcp' || port === 53);
  const knocked = await Promise.all(
    asked.map(async (door) => ({ door, failure: await knockAt(door, domain) })),
  );
  const closed = knocked.filter(({ failure }) => failure !== undefined);
  const addresses = new Set(asked.map(({ address }) => address));
  if (closed.length === 0)
    return [
      { state: 'ok', text: `public ports that answer: ${asked.length}, at ${addresses.size} addresses` },
    ];
  return [...Map.groupBy(closed, ({ door }) => door.service)].map(([service, those]) => ({
    state: 'fault',
    text: `${service} does not answer at ${those.map(({ door }) => nameOf(door)).join(', ')}`,
    evidence: those.map(({ failure }) => failure).join('\n'),
    remedy: `./allod status says whether ${service} runs; if it does, nft list ruleset shows what filters`,
  }));
}

/** Why nobody answers, if nobody does. */
async function knockAt(door: Door, domain: string): Promise<string | undefined> {
  const { address: server, port, protocol } = door;
  try {
    if (protocol === 'tcp') await connectTo(door);
    else await askDns({ server, port, name: domain, type: 'SOA', timeout: TIMEOUT });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function nameOf({ address, port, protocol }: Door): string {
  return `${address} port ${port}/${protocol}`;
}

function connectTo({ address: host, port }: Door): Promise<void> {
  const socket = connect({ host, port, timeout: TIMEOUT });
  return new Promise<void>((resolve, reject) => {
    socket.on('connect', resolve);
    socket.on('timeout', () => reject(new Error(`${host} port ${port}: silence for ${TIMEOUT / 1000} s`)));
    socket.on('error', reject);
  }).finally(() => socket.destroy());
}
