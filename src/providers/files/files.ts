import { existsSync, readdirSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import type { FileSpec } from '../../model/files.ts';
import { fingerprint } from '../../model/fingerprint.ts';
import type { Layout } from '../../model/layout.ts';
import type { Reload } from '../../model/pod.ts';
import type { Provider } from '../../model/provider.ts';
import { keyOf, type ObservedResource, type Resource } from '../../model/resource.ts';
import { type Reveal, renderContent } from '../../render/content.ts';
import { driftOf, type RenderedFile, readState, removeSet, replaceSet, writeState } from './file-set.ts';

interface FilesSpec {
  user: number;
  reload: Reload;
  files: FileSpec[];
}

export interface FilesOptions {
  layout: Layout;
  reveal: Reveal;
  reload(service: string, container: string, how: Reload): Promise<void>;
}

/**
 * Renders the files of a container into its directory on tmpfs and has the container take them in.
 * What is there is compared with what would be written, so an edit by hand, and a new value of a secret,
 * are drift. The set of a container that is not wanted any more goes: it may hold secrets.
 */
export function filesProvider({ layout, reveal, reload }: FilesOptions): Provider {
  function directoryOf(name: string): string {
    const [service = '', container = ''] = name.split('/');
    return layout.files(service, container);
  }

  function stateOf(resource: Resource): string | undefined {
    const directory = directoryOf(resource.name);
    const state = readState(directory);
    if (!state) return undefined;
    const spec = resource.spec as FilesSpec;
    const print = fingerprint(spec);
    if (state.fingerprint !== print) return state.fingerprint;
    for (const file of render(spec, reveal)) {
      const drift = driftOf(directory, spec.user, file);
      if (drift) return `drifted: ${file.path} (${drift})`;
    }
    return print;
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
    async apply(change) {
      if (change.action === 'delete') return removeSet(directoryOf(change.name));
      const spec = change.spec as FilesSpec;
      const [service = '', container = ''] = change.name.split('/');
      const directory = directoryOf(change.name);
      replaceSet(directory, spec.user, render(spec, reveal));
      if (change.action === 'update') await reload(service, container, spec.reload);
      // Last: a kill before this line means the next run writes and reloads once more.
      writeState(directory, { fingerprint: change.fingerprint ?? '' });
    },
  };
}

function render(spec: FilesSpec, reveal: Reveal): RenderedFile[] {
  return spec.files.map(({ path, mode, content }) => {
    if (normalize(path) !== path || path.startsWith('..') || isAbsolute(path))
      throw new Error(`${path} leaves its directory`);
    return { path, mode: mode ?? 0o400, text: renderContent(content, reveal) };
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
