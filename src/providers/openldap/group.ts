import type { Fault } from '../../util/errors.ts';
import { shown, textProblems } from './shown-text.ts';

const NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** Everything that is wrong with a group to be added, all at once. */
export function groupFaults(name: string, description?: string): Fault[] {
  const faults = [groupNameFault(name), description === undefined ? undefined : textFault(description)];
  return faults.filter((fault) => fault !== undefined);
}

export function groupNameFault(name: string): Fault | undefined {
  if (NAME.test(name)) return undefined;
  const closest = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[ _.]/g, '-')
    .replace(/[^a-z0-9-]/g, '')
    .replace(/^[^a-z]+/, '')
    .slice(0, 32);
  const hint = NAME.test(closest) ? closest : 'a name such as family';
  const expected = 'expected a lower-case letter, then up to 31 of a-z, 0-9 and -';
  return { where: 'group', message: `${expected}; got ${shown(name)}; try ${hint}` };
}

function textFault(description: string): Fault | undefined {
  const problems = textProblems(description, 200);
  if (problems.length === 0) return undefined;
  const message = `expected 1 to 200 characters on one line, all of them seen; got ${shown(description)}: ${problems.join(', ')}; try saying in a few words who is in it`;
  return { where: 'description', message };
}
