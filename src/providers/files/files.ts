import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileSpec } from '../../model/files.ts';
import { fingerprint } from '../../model/fingerprint.ts';
import type { Layout } from '../../model/layout.ts';
import type { Reload } from '../../model/pod.ts';
import type { Provider } from '../../model/provider.ts';
import { keyOf, type Resource } from '../../model/resource.ts';
import { type Reveal, renderContent } from '../../render/content.ts';
import { type RenderedFile, readState, replaceSet, writeState } from './file-set.ts';

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
 * What was written is remembered by hash, so an edit by hand, and a new value of a secret, are drift.
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
      const live = readOrNothing(join(directory, 'live', file.path));
      if (live === undefined || hash(live) !== hash(file.text)) return `drifted: ${file.path}`;
    }
    return print;
  }

  return {
    kinds: ['files'],
    async observe(desired) {
      const found = desired.map((resource) => [keyOf(resource), stateOf(resource)] as const);
      return Object.fromEntries(
        found.flatMap(([key, print]) => (print ? [[key, { fingerprint: print }]] : [])),
      );
    },
    async apply(change) {
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
    if (dirname(path).startsWith('..') || path.startsWith('/'))
      throw new Error(`${path} leaves its directory`);
    return { path, mode: mode ?? 0o400, text: renderContent(content, reveal) };
  });
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
