import { statSync } from 'node:fs';
import type { Layout } from '../../model/layout.ts';
import {
  type CommandByName,
  type Departed,
  type FolderByName,
  keptAs,
  type PersonalData,
} from '../../model/personal-data.ts';
import { Transient } from '../../util/errors.ts';
import { exec } from '../../util/exec.ts';
import { containerName, type Podman } from './podman.ts';

/**
 * As the volume's owner and from inside the volume: whatever a service that was taken over put there as links, this has no
 * rights that it has not. A move is one rename(2), and on the disk before this ends.
 */
const MOVE = `set -eu
if [ -e "$1" ] || [ -L "$1" ]; then
  mkdir -p removed
  mv -T -- "$1" "$2"
fi
for folder in "$3" removed; do
  if [ -d "$folder" ]; then sync -- "$folder"; fi
done
`;
const TIMEOUT = 60_000;

export interface PutAwayParts {
  layout: Pick<Layout, 'volume'>;
  domain: string;
  podman: Podman;
  /** Whether a container of a service runs. */
  runs(service: string, container: string): Promise<boolean>;
}

/**
 * After it nothing is left in a place under the name of who is gone. Nothing happens where that is so already. Throws
 * Transient where it cannot be done now: the service does not run, or refuses.
 */
export async function putAway(parts: PutAwayParts, place: PersonalData, who: Departed): Promise<void> {
  if ('folder' in place) await moveEntry(parts, place, who);
  else await runIn(parts, place, who);
}

async function moveEntry({ layout }: PutAwayParts, place: FolderByName, who: Departed): Promise<void> {
  const { service, volume, folder, owner } = place;
  const cwd = layout.volume(service, volume);
  if (!statSync(cwd, { throwIfNoEntry: false })) return; // nothing was ever kept
  const as = ['setpriv', `--reuid=${owner}`, `--regid=${owner}`, '--clear-groups', '--'] as const;
  const paths = [`${folder}/${who.name}`, keptAs(who), folder];
  await exec([...as, 'sh', '-c', MOVE, 'put-away', ...paths], { cwd, timeout: TIMEOUT });
}

async function runIn({ domain, podman, runs }: PutAwayParts, place: CommandByName, who: Departed) {
  const { service, container, command } = place;
  if (!(await runs(service, container))) throw new Transient(`${service} does not run`);
  const name = containerName(domain, service, container);
  await podman(['exec', name, ...command, who.name], { timeout: TIMEOUT });
}
