import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ExecError, exec } from '../util/exec.ts';
import { BUILD_LOCK, pinDir, workDir } from './places.ts';
import { type Env, RECIPE_LABEL } from './podman.ts';

/** Milliseconds that package lists are kept after they were pinned; the newest always are. */
const KEEP = 30 * 86_400_000;

/** Milliseconds after which lists that are still being fetched are nobody's any more. */
const ABANDONED = 3_600_000;

/** Sixteen characters, as many as a tag of ours has: other images of that name are somebody's trial. */
const BASE_PATTERN = `localhost/allod/base:${'?'.repeat(16)}`;

/** What flock(1) is to end with where the lock is held. */
const BUSY = 75;

const CLEAR = `set -eu
podman ps --all --external --format '{{.ID}} {{.Image}} {{.Status}}' | while read -r id image status; do
  # buildah's working containers are known to podman as being in storage only
  case $image-$status in ${BASE_PATTERN}-[Ss]torage) podman rm --force "$id" ;; esac
done
podman image prune --force --filter label=${RECIPE_LABEL}
rm -rf -- "$1"/*
[ -z "$APT_CONFIG" ] || apt-get autoclean -q
`;

/**
 * Clears away what killed builds left: working containers on a base of ours, images of ours without a
 * name, directories of work; and from the cache old package lists, and packages the newest list does
 * not name. Does nothing while anything is being built on this machine.
 */
export async function clearLeftovers(cache: string, env: Env): Promise<void> {
  mkdirSync(workDir(cache), { recursive: true });
  const newest = dropOldLists(cache);
  const config = newest ? join(pinDir(cache, newest), 'apt.conf') : '';
  try {
    await exec(
      [
        'flock',
        '--nonblock',
        '--conflict-exit-code',
        String(BUSY),
        '--exclusive',
        BUILD_LOCK,
        'sh',
        '-c',
        CLEAR,
        'sh',
        workDir(cache),
      ],
      {
        env: { ...env, APT_CONFIG: config },
      },
    );
  } catch (error) {
    // Somebody else builds: the next start clears.
    if ((error as ExecError).code !== BUSY) throw error;
  }
}

/** Name of the newest directory of lists; others that are old are removed. */
function dropOldLists(cache: string): string | undefined {
  const root = join(cache, 'lists');
  mkdirSync(root, { recursive: true });
  const all = readdirSync(root);
  for (const name of all)
    if (name.startsWith('new-') && statSync(join(root, name)).mtimeMs < Date.now() - ABANDONED)
      rmSync(join(root, name), { recursive: true, force: true });
  const names = all.filter((name) => /^[0-9a-f]{64}$/.test(name));
  const dated = names.map((name) => ({ name, at: statSync(join(root, name)).mtimeMs }));
  const [newest, ...others] = dated.sort((a, b) => b.at - a.at);
  for (const { name, at } of others)
    if (at < Date.now() - KEEP) rmSync(join(root, name), { recursive: true, force: true });
  return newest?.name;
}
