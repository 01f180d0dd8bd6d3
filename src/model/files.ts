import type { SecretRef } from './secret.ts';

/** Every container sees its rendered files under this path; it is a symlink that moves in one step. */
export const LIVE = '/etc/allod/live';

/** One rendered file of a container. Owned by the container's user. */
export interface FileSpec {
  /** Relative to {@link LIVE}: `nginx.conf`. */
  path: string;
  /** Permission bits; 0o400 unless given. */
  mode?: number;
  content: Content;
}

/** What a file holds, as data; `render/` has one writer per format. A secret may stand at any leaf. */
export type Content =
  | { format: 'text'; parts: (string | SecretRef)[] }
  | { format: 'ini'; sections: Record<string, Record<string, Leaf>> }
  | { format: 'yaml' | 'json'; data: unknown }
  | PolicyZone;

/**
 * A response policy zone (RPZ) in master file format: names that do not exist for those who ask, or that no other such zone
 * touches. All below a name is meant too; a list says it for each of its names.
 */
export interface PolicyZone {
  format: 'policy-zone';
  action: 'block' | 'pass';
  /** Lower-case A-labels without trailing dot, or the path of a list on this machine, read again when it changes. */
  names: string[] | { list: string };
}

export type Leaf = string | number | boolean | SecretRef;

/** Tagged template for a text file: text`password = ${ref}`. Plain strings and numbers are inlined. */
export function text(strings: TemplateStringsArray, ...values: (string | number | SecretRef)[]): Content {
  const parts: (string | SecretRef)[] = [];
  let run = strings[0] ?? '';
  values.forEach((value, i) => {
    if (typeof value === 'object') {
      parts.push(run, value);
      run = '';
    } else run += String(value);
    run += strings[i + 1] ?? '';
  });
  parts.push(run);
  return { format: 'text', parts: parts.filter((part) => part !== '') };
}

/** Joins several text contents, for configuration built from pieces. */
export function concat(...contents: Content[]): Content {
  const parts = contents.flatMap((content) => (content.format === 'text' ? content.parts : []));
  return { format: 'text', parts };
}
