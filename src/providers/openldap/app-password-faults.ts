import type { Fault } from '../../util/errors.ts';
import { nameFault } from './person.ts';
import { shown } from './shown-text.ts';

/** An app password to be made. */
export interface Asked {
  name: string;
  service: string;
  /** What the person calls the device. */
  label: string;
}

/** Of one person for one service. */
export const MOST = 20;

/** 1 to 60 characters on one line, none of them invisible, no space at either end. */
const LABEL = /^(?!\s)[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,60}(?<!\s)$/u;

/** What is wrong with it wherever it is asked for; `takers`: services that take app passwords. */
export function askedFaults({ name, service, label }: Asked, takers: string[]): Fault[] {
  const faults = [nameFault(name), serviceFault(service, takers), labelFault(label)];
  return faults.filter((fault) => fault !== undefined);
}

function serviceFault(service: string, takers: string[]): Fault | undefined {
  if (takers.includes(service)) return undefined;
  const hint = takers.length > 0 ? `try ${takers.join(' or ')}` : 'this site has none';
  const message = `expected a service that takes app passwords; got ${shown(service)}; ${hint}`;
  return { where: 'service', message };
}

function labelFault(label: string): Fault | undefined {
  if (LABEL.test(label)) return undefined;
  const expected = 'expected 1 to 60 characters on one line, none of them invisible, no space at either end';
  return {
    where: 'label',
    message: `${expected}; got ${shown(label)}; try what the device is called: Alice's phone`,
  };
}

export function unknownFault(name: string): Fault {
  const message = `expected somebody of this site; got ${name}, who is not there; try \`allod user list\``;
  return { where: 'name', message };
}

export function notAllowedFault({ name, service }: Asked, access: string[] = [], disabled = false): Fault {
  const who = disabled
    ? `somebody who may sign in; got ${name}, who is disabled; try \`allod user enable ${name}\``
    : `somebody of ${access.join(' or ') || 'no group'}, who may use ${service}; got ${name}; try adding ${name} to a group that may`;
  return { where: 'name', message: `expected ${who}` };
}

export function fullFault({ name, service }: Asked): Fault {
  const message = `expected at most ${MOST} app passwords of one person; got as many of ${name} for ${service}; try removing one that is not used any more`;
  return { where: 'service', message };
}

export function notThere(name: string, service: string, id: string): Fault {
  const message = `expected an app password of ${shown(name)} for ${shown(service)}; got ${shown(id)}, which is none; try \`allod user app-passwords ${name}\``;
  return { where: 'id', message };
}
