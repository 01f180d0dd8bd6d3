import { dirname } from 'node:path';
import { fingerprint } from '../../model/fingerprint.ts';
import type { HostFile, HostFilesSpec } from '../../model/host-file.ts';
import type { Provider } from '../../model/provider.ts';
import { keyOf, type ObservedResource, type Resource } from '../../model/resource.ts';
import { isExpected, PersonFault, Sealed } from '../../util/errors.ts';
import { runCommands } from './commands.ts';
import { type Memory, noteBefore, noteIntent, noteSettled, removeOurs, type Written } from './memory.ts';
import { driftAt, hashAt, hashOf, putBack, switchAll, type Wanted } from './place.ts';
import { type RevealPath, renderHostContent } from './render.ts';

export interface HostFilesOptions {
  /** Reads the store in the name of a set. */
  reveal(set: string): RevealPath;
  /** Ids of a user and of its own group, and of a group; undefined where this machine has none of the name. */
  accountOf(user: string): { uid: number; gid: number } | undefined;
  groupOf(group: string): number | undefined;
  memory: Memory;
  log(text: string): void;
  /** Milliseconds a reload or a proof may take; 30,000 unless given. */
  timeout?: number;
  /** Milliseconds until content that was refused is tried again; 600,000 unless given. */
  patience?: number;
}

/**
 * Files of this machine beside the pods. A set is written beside its places first, then switched; then the
 * reloads of what changed run, and the proofs. Where one fails, all of the set is put back as it was.
 */
export function hostFilesProvider(options: HostFilesOptions): Provider {
  const { memory, log, timeout = 30_000, patience = 600_000 } = options;
  /** What a reload or a proof did not accept, by set: it is not tried again at once. */
  const refused = new Map<string, { print: string; until: number; fault: PersonFault }>();
  /** Paths that some set wants, as last looked at: one that went to another set is not removed with the old. */
  let wantedPaths = new Set<string>();

  function render(file: HostFile, reveal: RevealPath): Wanted {
    const { path, user, group, mode, content } = file;
    const account = options.accountOf(user);
    const gid = group === undefined ? account?.gid : options.groupOf(group);
    if (!account || gid === undefined) {
      const name = account ? `the group ${group}` : `the user ${user}`;
      throw new PersonFault({ where: path, message: `expected ${name} on this machine; got none` });
    }
    return { path, uid: account.uid, gid, mode, text: renderHostContent(content, reveal) };
  }

  function stateOf({ name, spec }: Resource, written: Written): string | undefined {
    const { files } = spec as HostFilesSpec;
    const mine = pathsOf(written, name);
    for (const file of files) {
      const known = written[file.path];
      if (known?.set !== name) return mine.length === 0 ? undefined : `drifted: ${file.path} (not there)`;
      try {
        const wanted = render(file, options.reveal(name));
        if (known.hash !== hashOf(wanted.text)) return `drifted: ${file.path} (a new value)`;
        const drift = known.settled ? driftAt(wanted) : 'not accepted yet';
        if (drift) return `drifted: ${file.path} (${drift})`;
      } catch (error) {
        // One that waits, or a person has to mend, hides no other: its change says so.
        if (error instanceof Sealed || !isExpected(error)) throw error;
        return `waiting: ${error.message}`;
      }
    }
    const left = mine.find((path) => !files.some((file) => file.path === path));
    return left ? `drifted: ${left} (not wanted any more)` : fingerprint(spec);
  }

  async function write(name: string, files: HostFile[]): Promise<void> {
    const values = new Set<string>();
    const reveal = options.reveal(name);
    const wanted = files.map((file) =>
      render(file, (path) => {
        const value = reveal(path);
        values.add(value);
        return value;
      }),
    );
    const print = fingerprint([files, wanted]);
    const before = refused.get(name);
    if (before?.print === print && Date.now() < before.until) throw before.fault;

    const written = memory.read();
    const changed = wanted.filter(({ path, text }) => {
      const known = written[path];
      return !known?.settled || known.hash !== hashOf(text) || hashAt(path) !== known.hash;
    });
    const drifted = wanted.filter((file) => driftAt(file) !== undefined);
    noteIntent(memory, name, changed);
    try {
      switchAll(drifted);
    } catch (error) {
      noteBefore(memory, paths(changed), written);
      throw asFault(name, error);
    }
    const isChanged = new Set(paths(changed));
    const reloads = files.filter((file) => isChanged.has(file.path)).map((file) => file.reload);
    const proofs = changed.length > 0 ? files.map((file) => file.proof) : [];
    const fault = await runCommands([...reloads, ...proofs], { timeout, log, values });
    if (fault === undefined) {
      refused.delete(name);
      noteSettled(memory, name, wanted);
      const rest = pathsOf(memory.read(), name).filter((path) => !paths(wanted).includes(path));
      return removeOurs(memory, rest);
    }
    putBack(paths(changed), paths(drifted));
    noteBefore(memory, paths(changed), written);
    // Said to nobody: it may print what stood there before.
    const again = await runCommands(reloads, { timeout, values });
    const after = again === undefined ? '' : `; and then: ${again}`;
    const refusal = new PersonFault({
      where: name,
      message: `expected reload and proof to accept the new content; got: ${fault}; the old content is back${after}`,
    });
    refused.set(name, { print, until: Date.now() + patience, fault: refusal });
    throw refusal;
  }

  return {
    kinds: ['host-files'],
    async observe(desired) {
      const written = memory.read();
      wantedPaths = new Set(desired.flatMap(({ spec }) => (spec as HostFilesSpec).files.map((f) => f.path)));
      const observed: Record<string, ObservedResource> = {};
      for (const { set } of Object.values(written))
        observed[`host-files/${set}`] = { fingerprint: 'not wanted' };
      for (const resource of desired) {
        const print = stateOf(resource, written);
        if (print) observed[keyOf(resource)] = { fingerprint: print };
        else delete observed[keyOf(resource)];
      }
      return observed;
    },
    async apply({ action, name, spec }) {
      if (action !== 'delete') return await write(name, (spec as HostFilesSpec).files);
      removeOurs(
        memory,
        pathsOf(memory.read(), name).filter((path) => !wantedPaths.has(path)),
      );
    },
  };
}

/** Removes every file that was written and still holds what was. Throws a person's fault for those left. */
export function removeHostFiles(memory: Memory): void {
  removeOurs(memory, Object.keys(memory.read()));
}

function paths(files: { path: string }[]): string[] {
  return files.map(({ path }) => path);
}

function pathsOf(written: Written, set: string): string[] {
  return Object.keys(written).filter((path) => written[path]?.set === set);
}

/** What the file system refuses, a person mends. */
function asFault(name: string, error: unknown): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') return error;
  const message = `expected a place that can be written; got ${code}; nothing was changed; try making room for it by hand`;
  return new PersonFault({ where: path === undefined ? name : dirname(path), message });
}
