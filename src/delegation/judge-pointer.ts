import type { Remark } from './report.ts';
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
  const { names, back, evidence, failure } = seen;
  const remark = { subject: address, topic: 'pointer', evidence } as const;
  if (failure !== undefined)
    return [
      {
        ...{ ...remark, state: 'unknown', evidence: failure.split('\n') },
        text: `the name of ${address} could not be found out`,
      },
    ];
  if (names.join() !== name) {
    const found = names.length === 0 ? 'no name' : `the name ${names.join(', ')}`;
    const line = (data: string) => `${dotted(pointerName(address))} PTR ${dotted(data)}`;
    const act = {
      who: `the provider of ${address}`,
      what: `give ${address} its name`,
      enter: names.includes(name) ? [] : [line(name)],
      remove: names.filter((other) => other !== name).map(line),
    };
    return [
      {
        ...{ ...remark, state: 'warning' },
        text: `${address} has ${found} and should have ${name}`,
        // In a zone of the site itself, nobody else has to do anything.
        ...(zones.some(isUnder) ? {} : { act }),
      },
    ];
  }
  if (!back.includes(address))
    return [
      { ...remark, state: 'warning', text: `${address} is called ${name}, but ${name} is not at ${address}` },
    ];
  return [{ ...remark, state: 'ok', text: `${address} is ${name}, and back` }];
}
