import { answering } from './answering.ts';
import { judgeDelegation } from './judge-delegation.ts';
import { judgeDs } from './judge-ds.ts';
import { judgePointer } from './judge-pointer.ts';
import type { Act, DelegationReport, Remark } from './report.ts';
import type { SeenNames, SeenZone } from './seen.ts';
import type { WantedNames } from './wanted.ts';

/** What is wanted against what was seen: what is right, what is not, and what a person has to do about it. Pure. */
export function judge(wanted: WantedNames, seen: SeenNames): DelegationReport {
  const zones = wanted.zones.flatMap((zone) => {
    const found = seen.zones.find(({ name }) => name === zone.name);
    return found ? [...judgeDelegation(zone, found), ...judgeDs(zone, found)] : [];
  });
  const undelegated = seen.zones.filter(isUndelegated);
  const pointers = wanted.pointers.flatMap((pointer) => {
    const found = seen.pointers.find(({ address }) => address === pointer.address);
    return found ? judgePointer(pointer, found, wanted.zones, undelegated) : [];
  });
  const remarks = [...zones, ...pointers];
  const ttls = [...seen.zones.flatMap(({ servers }) => servers), ...seen.pointers].map(({ ttl }) => ttl);
  return { remarks, acts: actsIn(remarks), longestTtl: Math.max(0, ...ttls) };
}

/** Known not to be, which is more than not known to be. */
function isUndelegated(zone: SeenZone): boolean {
  const servers = answering(zone);
  return servers.length > 0 && servers.every(({ ns }) => ns.length === 0);
}

/** Each once, however many servers have shown that it is due. */
function actsIn(remarks: Remark[]): Act[] {
  const acts = new Map<string, Act>();
  for (const { act } of remarks) if (act) acts.set(JSON.stringify(act), act);
  return [...acts.values()];
}
