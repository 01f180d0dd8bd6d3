import { existsSync, readdirSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import type { FileSpec } from '../../model/files.ts';
import { fingerprint } from '../../model/fingerprint.ts';
import type { Layout } from '../../model/layout.ts';
import type { Proof, Reload } from '../../model/pod.ts';
import type { Provider } from '../../model/provider.ts';
import { keyOf, type ObservedResource, type Resource } from '../../model/resource.ts';
import { type Reveal, renderContent } from '../../render/content.ts';
import { PersonFault, Transient } from '../../util/errors.ts';
import {
  driftOf,
  forgetOthers,
  makeLive,
  type RenderedFile,
  readState,
  removeSet,
  replaceSet,
  writeState,
} from './file-set.ts';
import { readList } from './read-list.ts';

export interface FilesSpec {
  user: number;
  reload: Reload;
  proofs: Proof[];
  files: FileSpec[];
}

export interface FilesOptions {
  layout: Layout;
  /** The value behind a reference, for a set of files: `contacts/nginx`. */
  reveal(set: string): Reveal;
  /** False where the container does not run: it reads its files when it starts. */
  reload(service: string, container: string, how: Reload): Promise<boolean>;
  /** Resolves when the container is seen to use what its files say; throws Transient where it is not. */
  prove(service: string, container: string, proofs: Proof[]): Promise<void>;
}

export interface FilesProvider extends Provider {
  /**
   * Has a container take in the values of today, and proves that it does. Where it does not, its old files are
   * back when this throws. Throws Transient where it does not run.
   */
  takeIn(resource: Pick<Resource, 'name' | 'spec'>): Promise<void>;
}

/**
 * Renders the files of a container into its directory on tmpfs and has the container take them in.
 * What is there is compared with what would be written, so an edit by hand, and a new value of a secret,
 * are drift. The set of a container that is not wanted any more goes: it may hold secrets.
 */
export function filesProvider({ layout, reveal, reload, prove }: FilesOptions): FilesProvider {
  const turns = new Map<string, Promise<unknown>>();

  function directoryOf(name: string): string {
    const [service = '', container = ''] = name.split('/');
    return layout.files(service, container);
  }

  function stateOf({ name, spec }: Pick<Resource, 'name' | 'spec'>): string | undefined {
    const directory = directoryOf(name);
    const state = readState(directory);
    if (!state) return undefined;
    const wanted = spec as FilesSpec;
    const print = fingerprint(wanted);
    if (state.fingerprint !== print) return state.fingerprint;
    if (state.pending) return 'drifted: not yet taken in';
    for (const file of rendered(wanted, reveal(name))) {
      const drift = driftOf(directory, wanted.user, file);
      if (drift) return `drifted: ${file.path} (${drift})`;
    }
    return print;
  }

  /** One at a time for one set: a run and a rotation may want the same. */
  function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (turns.get(name) ?? Promise.resolve()).then(work);
    const done = turn.catch(() => {});
    turns.set(name, done);
    return turn;
  }

  /** Whether the container is proved to use what was put in place. */
  async function put(name: string, spec: FilesSpec, first: boolean): Promise<boolean> {
    const [service = '', container = ''] = name.split('/');
    const directory = directoryOf(name);
    const print = fingerprint(spec);
    // Other files than those of a moment ago may be for a pod that is yet to come: it is seen when that serves.
    const provable = readState(directory)?.fingerprint === print;
    if (provable) writeState(directory, { fingerprint: print, pending: true });
    const previous = replaceSet(directory, spec.user, render(spec, reveal(name)));
    // A kill before the last line means that the next run writes and reloads once more.
    const proved = !first && (await reload(service, container, spec.reload)) && provable;
    if (proved) await proveOrGoBack(name, spec, previous);
    writeState(directory, { fingerprint: print });
    forgetOthers(directory);
    return proved;
  }

  async function proveOrGoBack(name: string, spec: FilesSpec, previous: string | undefined): Promise<void> {
    const [service = '', container = ''] = name.split('/');
    try {
      await prove(service, container, spec.proofs);
    } catch (error) {
      if (!(error instanceof Transient) || !previous) throw error;
      const directory = directoryOf(name);
      makeLive(directory, previous);
      await reload(service, container, spec.reload);
      forgetOthers(directory);
      throw new Transient(`${name} did not take in its new files, the old ones are back: ${error.message}`);
    }
  }

  return {
    kinds: ['files'],
    async observe(desired) {
      const observed: Record<string, ObservedResource> = {};
      for (const name of setsIn(layout)) observed[`files/${name}`] = { fingerprint: 'not wanted' };
      for (const resource of desired) {
        const print = stateOf(resource);
        if (print) observed[keyOf(resource)] = { fingerprint: print };
        else delete observed[keyOf(resource)];
      }
      return observed;
    },
    apply: ({ action, name, spec }) =>
      inTurn(name, async () => {
        if (action === 'delete') removeSet(directoryOf(name));
        else if (stateOf({ name, spec }) !== fingerprint(spec))
          await put(name, spec as FilesSpec, action === 'create');
      }),
    takeIn: ({ name, spec }) =>
      inTurn(name, async () => {
        const [service = '', container = ''] = name.split('/');
        const state = stateOf({ name, spec });
        if (state === undefined) throw new Transient(`${name} has no files yet`);
        const proved = state !== fingerprint(spec) && (await put(name, spec as FilesSpec, false));
        if (!proved) await prove(service, container, (spec as FilesSpec).proofs);
      }),
  };
}

/** What would be written now; of a list that cannot be read, what is in place stays, whatever it is. */
function rendered({ files, ...spec }: FilesSpec, reveal: Reveal): RenderedFile[] {
  return files.flatMap((file) => {
    try {
      return render({ ...spec, files: [file] }, reveal);
    } catch (error) {
      if (file.content.format === 'policy-zone' && error instanceof PersonFault) return [];
      throw error;
    }
  });
}

function render(spec: FilesSpec, reveal: Reveal): RenderedFile[] {
  return spec.files.map(({ path, mode, content }) => {
    if (normalize(path) !== path || path.startsWith('..') || isAbsolute(path))
      throw new Error(`${path} leaves its directory`);
    return { path, mode: mode ?? 0o400, text: renderContent(content, reveal, readList) };
  });
}

/** `service/container` of each set that is on this machine, wanted or not. */
function setsIn(layout: Layout): string[] {
  const root = dirname(dirname(layout.files('service', 'container')));
  return foldersIn(root).flatMap((service) =>
    foldersIn(join(root, service)).map((container) => `${service}/${container}`),
  );
}

function foldersIn(path: string): string[] {
  if (!existsSync(path)) return [];
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
