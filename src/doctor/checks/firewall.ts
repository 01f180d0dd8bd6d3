import { messageOf } from '../../util/errors.ts';
import { exec } from '../../util/exec.ts';
import type { Check } from '../check.ts';

/** One rule of each kind the site's own table is made of. */
const RULES = `
table inet allod_try {
  set open { type ipv6_addr . inet_proto . inet_service; elements = { 2001:db8::1 . tcp . 443 } }
  chain forward {
    type filter hook forward priority 10; policy drop;
    ct state established,related accept
    ip6 daddr . meta l4proto . th dport @open counter accept
  }
}
table ip6 allod_try {
  chain source {
    type nat hook postrouting priority 90;
    ip6 saddr 2001:db8::/64 snat to ip6 saddr map { 2001:db8::1 : 2001:db8::1 }
  }
}
`;

export const firewall: Check = {
  id: 'firewall',
  title: 'Firewall',
  needs: ['root', 'packages'],
  async run(_context, signal) {
    try {
      // A network namespace of its own: the rules are loaded for real and gone with the command.
      await exec(['unshare', '--net', 'nft', '--file', '-'], { input: RULES, signal });
      return [{ state: 'ok', text: 'the kernel takes the rules that keep closed what no service opens' }];
    } catch (error) {
      return [
        {
          state: 'fault',
          text: 'the kernel does not take the rules that keep closed what no service opens',
          evidence: messageOf(error),
          remedy: 'load the modules nf_tables, nf_nat and nf_conntrack, or boot a kernel that has them',
        },
      ];
    }
  },
};
