import type { Wanted } from '../outside.ts';
import type { Entry, EntryFault } from './entries.ts';
import { isAtOrBelow } from './sets.ts';

/** Sets of one meaning: two people cannot both say what is in them. All others are joined. */
const SINGLE = ['A', 'AAAA', 'CNAME', 'DS', 'HTTPS', 'NS', 'PTR', 'SVCB'];

/** Refuses what services want otherwise. `wanted`: their record sets. `acme`: their hosts prove themselves by the DNS. */
export function clashes(entries: Entry[], wanted: Wanted[], acme: boolean): EntryFault[] {
  return entries.flatMap((entry) => {
    const { name, type, nameAt } = entry;
    const other = wanted.find((set) => isClash(entry, set));
    const hint =
      other?.service === 'dns' ? 'another name' : `another name, or another "host:" for ${other?.service}`;
    if (other)
      return {
        ...nameAt,
        expected: `a name whose ${type} no service of the site decides`,
        got: `${name}; ${other.name} has ${other.type} of the service ${other.service}`,
        hint,
      };
    const asked = acme && name.startsWith(CHALLENGE) && wanted.some((set) => CHALLENGE + set.name === name);
    if (!asked) return [];
    return {
      ...nameAt,
      expected: 'a name that the site does not need itself, to prove its hosts to the certificate authority',
      got: name,
      hint: 'removing it',
    };
  });
}

const CHALLENGE = '_acme-challenge.';

function isClash({ name, type }: Entry, set: Wanted): boolean {
  if (type === 'NS' && isAtOrBelow(set.name, name)) return true;
  if (set.name !== name) return false;
  return type === 'CNAME' || set.type === 'CNAME' || (set.type === type && SINGLE.includes(type));
}
