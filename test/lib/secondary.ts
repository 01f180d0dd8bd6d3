import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A Knot DNS that has copies of zones, on port 53 of addresses, with what `./allod dns secondaries --for knot` prints in its
 * configuration. `inside`: command that runs it elsewhere, such as `ip netns exec NAME`.
 */
export async function startSecondary(
  folder: string,
  addresses: string[],
  printed: string,
  inside: string[] = [],
): Promise<ChildProcess> {
  rmSync(folder, { recursive: true, force: true }); // copies of a run that was killed
  mkdirSync(folder, { recursive: true });
  const conf = join(folder, 'knot.conf');
  writeFileSync(
    conf,
    `server:
  rundir: "${folder}"
  listen: [${addresses.map((address) => `"${address}@53"`).join(', ')}]
log:
  - target: "${folder}/knot.log"
    any: info
database:
  storage: "${folder}"
template:
  - id: default
    storage: "${folder}"
    file: "%s.zone"
${printed}`,
  );
  const [command = '', ...args] = [...inside, 'knotd', '-c', conf];
  const child = spawn(command, args, { stdio: 'ignore' });
  await once(child, 'spawn');
  return child;
}
