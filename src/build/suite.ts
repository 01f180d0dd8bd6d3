import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type ImageRecipe, imageRef, type SuitePin } from '../model/image.ts';
import type { Progress } from '../model/provider.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import { exec } from '../util/exec.ts';
import { diskFull, freeBytes, StaleSuite } from './faults.ts';
import { aptConf, type HostApt, readHostApt, sourcesOf } from './host-apt.ts';
import { aptPlaces, debsDir, pinDir } from './places.ts';

/** Debian 13. */
export const SUITE = 'trixie';

export interface PinOptions {
  cache: string;
  /** {@link SUITE} unless given. */
  suite?: string;
  progress?: Progress;
}

/** Bytes that the lists of a suite take, and some. */
const ROOM = 160 * 2 ** 20;

/**
 * Fetches the signed package lists of a suite from this machine's mirror and keeps them in the cache for
 * all builds; apt checks the signatures against Debian's keyring. Throws Transient where the mirror does
 * not answer, PersonFault where the disk is full or Debian's keyring is not installed.
 */
export async function pinSuite({ cache, progress, suite = SUITE }: PinOptions): Promise<SuitePin> {
  const host = await readHostApt();
  progress?.(`fetching the package lists of ${suite} from ${host.archive}`);
  let fresh: string | undefined;
  try {
    mkdirSync(join(cache, 'lists'), { recursive: true });
    // apt waits for ever where there is no room for a list.
    if ((await freeBytes(cache)) < ROOM) throw await diskFull('base', [cache]);
    fresh = mkdtempSync(join(cache, 'lists', 'new-'));
    writePinFiles(cache, fresh, fresh, host, suite);
    await exec(['apt-get', 'update', '-q', '-o', 'APT::Update::Error-Mode=any'], {
      env: { APT_CONFIG: join(fresh, 'apt.conf'), LC_ALL: 'C' },
      timeout: 600_000,
    });
    const pin = { suite, digest: digestOf(join(fresh, 'lists'), host.architecture) };
    const target = pinDir(cache, pin.digest);
    writePinFiles(cache, fresh, target, host, suite);
    writeFileSync(join(fresh, 'pin.json'), `${JSON.stringify(pin)}\n`);
    keep(fresh, target);
    return pin;
  } catch (error) {
    throw await pinFault(error as Error, cache, host);
  } finally {
    if (fresh) rmSync(fresh, { recursive: true, force: true });
  }
}

/** Lists that are there already may be in use: they stay, unless they came from another mirror. */
function keep(fresh: string, target: string): void {
  const sources = (dir: string) => readFileSync(join(dir, 'sources.sources'), 'utf8');
  if (existsSync(target) && sources(target) === sources(fresh)) {
    utimesSync(target, new Date(), new Date()); // the newest again
    return;
  }
  rmSync(target, { recursive: true, force: true });
  renameSync(fresh, target);
}

/** `place`: where the files will be when they are used; they are written to `dir`. */
function writePinFiles(cache: string, dir: string, place: string, host: HostApt, suite: string): void {
  for (const sub of ['lists/partial', 'apt']) mkdirSync(join(dir, sub), { recursive: true });
  mkdirSync(join(debsDir(cache), 'partial'), { recursive: true });
  writeFileSync(join(dir, 'sources.sources'), sourcesOf(host, suite));
  writeFileSync(join(dir, 'apt.conf'), aptConf(host, aptPlaces(cache, place)));
}

async function pinFault(error: Error, cache: string, host: HostApt): Promise<Error> {
  const { message, name } = error;
  if (/No space left|ENOSPC|enough free space|write error/i.test(message))
    return await diskFull('base', [cache]);
  if (name !== 'ExecError') return error;
  if (/NO_PUBKEY|keyring.*(not exist|not readable|missing)|unreadable/i.test(message))
    return new PersonFault({
      where: host.archive,
      message: `its signature cannot be checked; install the package debian-archive-keyring (${message})`,
    });
  return new Transient(`the package lists could not be fetched from ${host.archive}: ${message}`);
}

function digestOf(lists: string, architecture: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(lists).sort()) {
    if (!name.endsWith('_InRelease')) continue;
    hash.update(releaseIndex(readFileSync(join(lists, name), 'utf8'), architecture));
  }
  return hash.digest('hex');
}

/** `<codename> <path> <sha256>` of the package index a Release file vouches for. Throws where it names none. */
export function releaseIndex(release: string, architecture: string): string {
  const path = `main/binary-${architecture}/Packages`;
  const codename = /^Codename: (\S+)$/m.exec(release)?.[1];
  const hash = new RegExp(`^ ([0-9a-f]{64}) +\\d+ ${path}$`, 'm').exec(release)?.[1];
  if (!codename || !hash) throw new Transient(`a Release file names no ${path}`);
  return `${codename} ${path} ${hash}\n`;
}

/**
 * The pinned state that gives a recipe this name: a tag is a hash, so the lists in the cache either
 * make it or are not the ones. Throws {@link StaleSuite} where they are gone.
 */
export function pinOf(cache: string, recipe: ImageRecipe, ref: string): SuitePin {
  for (const pin of pins(cache)) if (imageRef(recipe, pin) === ref) return pin;
  throw new StaleSuite(
    `the package lists that ${ref} is made from are not in ${cache}/lists; pin the suite again`,
  );
}

function pins(cache: string): SuitePin[] {
  try {
    return readdirSync(join(cache, 'lists'))
      .filter((name) => /^[0-9a-f]{64}$/.test(name))
      .map((name) => JSON.parse(readFileSync(join(pinDir(cache, name), 'pin.json'), 'utf8')) as SuitePin);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
