import { statfs } from 'node:fs/promises';
import { PersonFault, Transient } from '../util/errors.ts';

/** An image that could not be built. The message names the image, what failed, and the log. */
export class BuildError extends Transient {
  override name = 'BuildError';
  readonly image: string;
  readonly log: string;

  constructor(image: string, what: string, log: string) {
    super(`image ${image}: ${what}; all of it in ${log}`);
    this.image = image;
    this.log = log;
  }
}

/** The pinned state of the suite cannot be built from any more: pin again. */
export class StaleSuite extends Transient {
  override name = 'StaleSuite';
}

/** What the output of apt, dpkg, mmdebstrap, podman and our script says about a failure. */
export type Cause =
  | { kind: 'disk' }
  /** The mirror has moved on from the pinned lists. */
  | { kind: 'stale'; file: string }
  | { kind: 'other'; text: string };

/** Finds the cause in what a failed step printed. `runs`: the lines of the recipe, to name one by number. */
export function causeOf(lines: string[], runs: string[] = []): Cause {
  const find = (pattern: RegExp) => lines.map((line) => pattern.exec(line)).find((match) => match);
  if (find(/No space left on device|ENOSPC|enough free space in|Disk quota exceeded/))
    return { kind: 'disk' };
  const gone = find(/Failed to fetch (\S+)\s+404/);
  if (gone) return { kind: 'stale', file: gone[1] ?? '' };
  const missing = find(/Unable to locate package (\S+)|Package '?([^' ]+)'? has no installation candidate/);
  if (missing) return other(`the suite has no package ${missing[1] ?? missing[2]}`);
  const bundling = sourceFaults(lines);
  if (bundling.length > 0) return other(bundling.join('; '));
  const failed = find(/^pmerror:([^:]+):[\d.]+:(.*)$/);
  if (failed) return other(`package ${packageName(failed[1] ?? '')}: ${failed[2]}`);
  const mark = lines.findLast((line) => line.startsWith('allod:run:')) ?? '';
  const step = Number(mark.slice('allod:run:'.length) || Number.NaN);
  if (runs[step] !== undefined) {
    const said = lastWords(lines.slice(lines.indexOf(mark)));
    return other(`line ${step + 1} of its recipe failed: ${short(runs[step])}: ${said}`);
  }
  return other(lastWords(lines));
}

function other(text: string): Cause {
  return { kind: 'other', text };
}

/** What bundle.ts ended with: each fault on a line, with its place where it has one, and then a stack. */
function sourceFaults(lines: string[]): string[] {
  const start = lines.indexOf('Error: faults in sources:') + 1;
  const end = lines.findIndex((line, i) => i >= start && /^\s+at /.test(line));
  return start === 0 ? [] : lines.slice(start, end < 0 ? undefined : end);
}

/** dpkg names a package, or the file it comes from. */
function packageName(name: string): string {
  return name.replace(/^.*\//, '').replace(/_.*$/, '');
}

function short(line: string): string {
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}

/** Progress, and podman's words about a step having failed. */
const NOISE = /^(pmstatus|dlstatus|allod):|^Error: (error )?building|^subprocess exited|^exit status|^time=/;

/** The last error line where there is one, else the last line that is not progress. */
function lastWords(lines: string[]): string {
  const said = lines.filter((line) => line.trim() !== '' && !NOISE.test(line));
  const error = said.findLast((line) => /^E: |error:/i.test(line));
  return (error ?? said.at(-1) ?? 'no word why').trim();
}

/** The fault of a full disk: of the given paths, the one with the least room. */
export async function diskFull(image: string, paths: string[]): Promise<PersonFault> {
  const rooms = await Promise.all(paths.map(async (path) => ({ path, free: await freeBytes(path) })));
  const [worst] = rooms.sort((a, b) => a.free - b.free);
  const path = worst?.path ?? '/';
  return new PersonFault({
    where: path,
    message: `the disk is full: image ${image} needs more than the ${worst?.free ?? 0} bytes free there; make room and try again`,
  });
}

/** Bytes that may still be written below a path. */
export async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY; // not there: not what is full
  }
}
