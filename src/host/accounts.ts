import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Account {
  uid: number;
  /** Of its own group. */
  gid: number;
}

/** A user of this machine by name or id, wherever the machine has its users from: getent(1). */
export function accountOf(user: string): Account | undefined {
  const [, , uid, gid] = ask('passwd', user);
  if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  // An id needs no name: files of containers and of other machines have such owners.
  return isId(user) ? { uid: Number(user), gid: Number(user) } : undefined;
}

/** Id of a group of this machine, by name or id. */
export function groupOf(group: string): number | undefined {
  const [, , gid] = ask('group', group);
  if (gid !== undefined) return Number(gid);
  return isId(group) ? Number(group) : undefined;
}

function isId(text: string): boolean {
  return /^\d+$/.test(text);
}

/** The files first, as most have all in them: at rest no command is run. */
function ask(database: 'passwd' | 'group', key: string): (string | undefined)[] {
  const column = isId(key) ? 2 : 0;
  const lines = readFileSync(`/etc/${database}`, 'utf8').split('\n');
  const found = lines.map((line) => line.split(':')).find((fields) => fields[column] === key);
  if (found) return found;
  const { stdout } = spawnSync('getent', ['--', database, key], { encoding: 'utf8', timeout: 10_000 });
  return stdout ? (stdout.trim().split('\n')[0] ?? '').split(':') : [];
}
