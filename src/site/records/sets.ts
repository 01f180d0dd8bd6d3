import { formatPath, quote } from '../findings.ts';
import type { Entry, EntryFault } from './entries.ts';
import { isSpfValue } from './spf.ts';

/** What is wrong with entries that are sound one by one, because of one another. */
export function setFaults(entries: Entry[]): EntryFault[] {
  const byName = Map.groupBy(entries, ({ name }) => name);
  return [
    ...entries.flatMap(withinFaults),
    ...[...byName.values()].flatMap(sameNameFaults),
    ...entries.flatMap((entry) => aliasedTargets(entry, byName)),
    ...entries.filter(({ type }) => type === 'NS').flatMap((cut) => delegationFaults(cut, entries)),
  ];
}

/** The host a value of MX, NS or SRV names, without trailing dot; undefined for other types. */
export function hostOf({ type }: Entry, value: string): string | undefined {
  return ['MX', 'NS', 'SRV'].includes(type) ? value.split(' ').at(-1)?.slice(0, -1) : undefined;
}

export function isAtOrBelow(name: string, top: string): boolean {
  return name === top || name.endsWith(`.${top}`);
}

/** Among the values of one set. */
function withinFaults({ type, values }: Entry): EntryFault[] {
  const seen = new Set<string>();
  const faults: EntryFault[] = [];
  for (const { text, at } of values) {
    const refuse = (expected: string, hint: string) =>
      faults.push({ ...at, expected, got: quote(text), hint });
    if (seen.has(text)) refuse('each value once', 'removing one of the two');
    else if (type === 'CNAME' && seen.size > 0)
      refuse('one value, as an alias has one target (RFC 2181 section 10.1)', 'removing it');
    else if (type === 'TXT' && isSpfValue(text) && [...seen].some(isSpfValue))
      refuse(
        'one SPF record at a name, as receivers take two for none (RFC 7208 section 4.5)',
        'one record with the terms of both',
      );
    else if (type === 'MX' && values.length > 1 && text === '0 .')
      refuse('"0 ." alone, as it says that there is no mail (RFC 7505)', 'removing it');
    seen.add(text);
  }
  return faults;
}

function sameNameFaults(entries: Entry[]): EntryFault[] {
  const faults: EntryFault[] = [];
  const first = new Map<string, Entry>();
  for (const entry of entries) {
    const { name, type, at, nameAt } = entry;
    const before = first.get(type);
    if (before)
      faults.push({
        ...nameAt,
        expected: 'each set of records once, with all its values',
        got: `${type} of ${name} again, first in ${formatPath(before.at.path)}`,
        hint: '"values:" of one entry',
      });
    else first.set(type, entry);
    const other = type === 'CNAME' && entries.find((each) => each.type !== 'CNAME');
    if (other)
      faults.push({
        ...nameAt,
        expected: 'a name with no other records for an alias (RFC 1034 section 3.6.2)',
        got: `${name}, which has ${other.type} in ${formatPath(other.at.path)}`,
        hint: 'another name, or A and AAAA in place of CNAME',
      });
    if (type === 'DS' && !entries.some((each) => each.type === 'NS'))
      faults.push({
        ...at,
        expected: 'NS beside DS, which is about a zone of its own (RFC 4035 section 2.4)',
        got: `${name} without NS`,
        hint: 'adding NS',
      });
  }
  return faults;
}

function aliasedTargets(entry: Entry, byName: Map<string, Entry[]>): EntryFault[] {
  return entry.values.flatMap(({ text, at }) => {
    const host = hostOf(entry, text);
    const alias = byName.get(host ?? '')?.find(({ type }) => type === 'CNAME');
    if (!alias) return [];
    return {
      ...at,
      expected: `the true name of a host in ${entry.type} (RFC 2181 section 10.3)`,
      got: `${host}, an alias in ${formatPath(alias.at.path)}`,
      hint: alias.values[0]?.text ?? 'its target',
    };
  });
}

/** Below a delegation this zone answers for nothing but the addresses of the name servers themselves. */
function delegationFaults(cut: Entry, entries: Entry[]): EntryFault[] {
  const glue = new Set(cut.values.map(({ text }) => text.slice(0, -1)));
  const below = entries.filter(({ name }) => isAtOrBelow(name, cut.name));
  const hidden = below.filter(
    ({ name, type }) =>
      !(name === cut.name && ['NS', 'DS', 'CNAME'].includes(type)) && // of CNAME it is said already
      !(glue.has(name) && ['A', 'AAAA'].includes(type)),
  );
  const lost = cut.values.filter(({ text }) => {
    const host = text.slice(0, -1);
    return (
      isAtOrBelow(host, cut.name) && !below.some(({ name, type }) => name === host && /^A(AAA)?$/.test(type))
    );
  });
  return [
    ...hidden.map(({ name, nameAt }) => ({
      ...nameAt,
      expected: `a name that is not delegated (RFC 1034 section 4.2.1)`,
      got: `${name}; ${cut.name} has other name servers, in ${formatPath(cut.at.path)}`,
      hint: 'adding it at those servers',
    })),
    ...lost.map(({ text, at }) => ({
      ...at,
      expected: 'an address beside a name server inside what it answers for',
      got: `${text} without A and AAAA`,
      hint: `adding A or AAAA for ${text.slice(0, -1)}`,
    })),
  ];
}
