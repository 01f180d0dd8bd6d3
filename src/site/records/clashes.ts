import type { Wanted } from '../outside.ts';
import type { Entry, EntryFault } from './entries.ts';
import { isAtOrBelow } from './sets.ts';
import { isSpfValue } from './spf.ts';

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

function isClash({ name, type, values }: Entry, set: Wanted): boolean {
  if (type === 'NS' && isAtOrBelow(set.name, name)) return true;
  if (set.name !== name) return false;
  if (type === 'CNAME' || set.type === 'CNAME') return true;
  if (set.type !== type) return false;
  const texts = values.map(({ text }) => text);
  const isSecondSpf = type === 'TXT' && texts.some(isSpfValue) && set.values.some(isSpfValue);
  const isNoMail = type === 'MX' && texts.includes('0 .');
  return SINGLE.includes(type) || isSecondSpf || isNoMail;
}
