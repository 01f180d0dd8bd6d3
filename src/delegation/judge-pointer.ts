import type { Act, Remark } from './report.ts';
import type { SeenPointer, SeenZone } from './seen.ts';
import { dotted, pointerName } from './text.ts';
import type { WantedPointer, WantedZone } from './wanted.ts';

/**
 * Whether an address has its name, and the name the address (RFC 8499, forward-confirmed reverse DNS): mail servers
 * refuse what comes from one that has not.
 */
export function judgePointer(
  { address, name }: WantedPointer,
  seen: SeenPointer,
  zones: WantedZone[],
  undelegated: SeenZone[],
): Remark[] {
  const isUnder = (zone: { name: string }) => pointerName(address).endsWith(`.${zone.name}`);
  // What its zone lacks is said once, not for every address.
  if (undelegated.some(isUnder)) return [];
  const { names, back, failures, evidence } = seen;
  const remark = { subject: address, topic: 'pointer', evidence } as const;
  const unknown: Remark = {
    ...{ ...remark, state: 'unknown' },
    text: `whether ${address} is ${name}, and back, could not be found out`,
    evidence: [...evidence, ...failures.flatMap((failure) => failure.split('\n'))],
  };
  if (!names) return [unknown];
  if (names.join() !== name) {
    const found = names.length === 0 ? 'no name' : `the name ${names.join(', ')}`;
    const text = `${address} has ${found} and should have ${name}`;
    // In a zone of the site itself, nobody else has to do anything.
    const act = zones.some(isUnder) ? {} : { act: actOf(address, name, names) };
    return [{ ...remark, state: 'warning', text, ...act }];
  }
  if (!back) return [unknown];
  if (!back.includes(address)) {
    const text = `${address} is called ${name}, but ${name} is not at ${address}`;
    return [{ ...remark, state: 'warning', text }];
  }
  return [{ ...remark, state: 'ok', text: `${address} is ${name}, and back` }];
}

function actOf(address: string, name: string, found: string[]): Act {
  const line = (data: string) => `${dotted(pointerName(address))} PTR ${dotted(data)}`;
  return {
    who: `the provider of ${address}`,
    what: `give ${address} its name`,
    enter: found.includes(name) ? [] : [line(name)],
    remove: found.filter((other) => other !== name).map(line),
  };
}
