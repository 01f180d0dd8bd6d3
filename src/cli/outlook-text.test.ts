import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SiteNetwork } from '../model/site.ts';
import type { OutsideActs } from '../model/uplinks.ts';
import { outlookOf } from '../plan/outlook.ts';
import { outlookText } from './outlook-text.ts';

const A: SiteNetwork = {
  ipv6: { pool: '2001:db8:a:10::/64' },
  ipv4: { address: '203.0.113.7', listen: '203.0.113.7' },
};
const B: SiteNetwork = { ipv4: { address: '198.51.100.7', listen: '192.168.1.10' } };

test('a change under way: how far it is, what it waits for, and for how long who may see nothing', () => {
  const outside: OutsideActs = {
    remembered: 3600,
    acts: [
      { id: 'a', state: 'open', text: 'at the registrar, enter 198.51.100.7', evidence: 'ns1 A 203.0.113.7' },
      { id: 'b', state: 'done', text: 'the name of 198.51.100.7', evidence: 'PTR' },
    ],
  };
  const memory = { inForce: A, renumbering: { to: B, phase: 'both', settled: 0 } } as const;
  const outlook = outlookOf(memory, { now: 0, ttl: 300, outside, begun: true });
  assert.ok(outlook);
  assert.equal(
    outlookText(outlook, 0),
    `Change of provider, from 2001:db8:a:10::/64 and 203.0.113.7
                      to 198.51.100.7 (192.168.1.10)

✔ prepare   the new addresses answer beside the old ones; what resolvers remember gets short (5 min at least)
▶ both      both are in the DNS; waits for what is done outside (60 min at least)
  withdraw  the new ones alone are in the DNS; the old ones answer who remembers them (60 s at least)
  drop      the old ones go

Out of reach while both lines work: 0 s.
Out of reach if the old line is cut now: at most 3630 s (resolvers remember an address for 60 s, the name server's at the parent for 3600 s, making the change takes 30 s at most).

To be done outside of this machine:
  open    at the registrar, enter 198.51.100.7
          found: ns1 A 203.0.113.7
  done    the name of 198.51.100.7
`,
  );
});
