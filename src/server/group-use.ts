import { isExpected, PersonFault } from '../util/errors.ts';
import type { PeopleDirectory } from './people-directory.ts';

/** What the site file opens to each group it names: `contacts`, `portal.clients.notes`. */
export type GroupUse = ReadonlyMap<string, string[]>;

/** Who made a group of this name again would let its people in there. */
export function assertUnused(use: GroupUse, group: string): void {
  const using = use.get(group);
  if (!using) return;
  const message = `expected a group that opens nothing; got ${group}, which the site file names for ${using.join(', ')}; try taking it from \`access\` there, then \`allod up\``;
  throw new PersonFault({ where: 'group', message });
}

/**
 * A sentence for each group the site file names that is not there, as after a slip of the pen. None while the directory cannot
 * be asked, as before the first `up`.
 */
export async function missingGroups(
  use: GroupUse,
  people: () => Pick<PeopleDirectory, 'groups'>,
): Promise<string[]> {
  if (use.size === 0) return [];
  try {
    const there = new Set((await people().groups()).map(({ name }) => name));
    return [...use]
      .filter(([group]) => !there.has(group))
      .map(
        ([group, opened]) =>
          `the group ${group}, which opens ${opened.join(', ')}, is not there: nobody comes in by it; try ./allod group add ${group}`,
      );
  } catch (error) {
    if (!isExpected(error)) throw error;
    return [];
  }
}
