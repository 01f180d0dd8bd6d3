import { judge } from '../../delegation/judge.ts';
import { look } from '../../delegation/look.ts';
import type { Check } from '../check.ts';
import { findingsOf } from '../remarks.ts';

const isReverse = ({ prefix }: { prefix?: string }): boolean => prefix !== undefined;

/** Whether the zone above leads to this site: its name servers and their addresses. */
export const delegation: Check = {
  id: 'delegation',
  title: 'Delegation',
  needs: [],
  async run({ names, resolvers }) {
    const wanted = { zones: names.zones.filter((zone) => !isReverse(zone)), pointers: [] };
    if (wanted.zones.length === 0) return [{ state: 'ok', text: 'the site has no name that others know' }];
    return findingsOf(judge(wanted, await look(wanted, { resolvers })), ['delegation'], 'tell them');
  },
};

/** Names of the site's addresses: the reverse zone, and each address and name both ways. */
export const reverse: Check = {
  id: 'reverse',
  title: 'Reverse DNS',
  needs: [],
  async run({ names, resolvers }) {
    const wanted = { zones: names.zones.filter(isReverse), pointers: names.pointers };
    if (wanted.zones.length + wanted.pointers.length === 0)
      return [{ state: 'ok', text: 'the site has no address that others know' }];
    const report = judge(wanted, await look(wanted, { resolvers }));
    return findingsOf(report, ['delegation', 'pointer'], './allod up writes the record, or says why not');
  },
};
