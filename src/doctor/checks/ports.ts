import type { Check, Finding } from '../check.ts';

export const ports: Check = {
  id: 'ports',
  title: 'Ports',
  needs: ['root'],
  async run({ ports: wanted, holderOf, isOurs }) {
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
    if (findings.length > 0) return findings;
    const numbers = [...new Set(wanted.map(({ port }) => port))].sort((a, b) => a - b).join(', ');
    return [{ state: 'ok', text: `nobody else holds a port of the site (${numbers})` }];
  },
};
