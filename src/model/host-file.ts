/** A file of this machine, beside the site's pods, that is written with values of the store in it. */
export interface HostFile {
  /** Absolute and normal: no `.`, `..` or doubled slash. */
  path: string;
  /** Names, or ids as text. Without a group it is the user's own. */
  user: string;
  group?: string;
  /** Permission bits. */
  mode: number;
  content: HostContent;
  /** argv, run after the content has changed. */
  reload?: string[];
  /** argv that has to exit with 0 after that; else the old content is put back. */
  proof?: string[];
  /** Files of one set switch together. */
  set?: string;
}

/** Every text in it is a template: see `template.ts`. */
export type HostContent =
  | { format: 'text'; text: string }
  | { format: 'ini'; data: Record<string, Record<string, string | number | boolean>> }
  | { format: 'yaml' | 'json'; data: unknown };

/** Spec of a resource of kind `host-files`: one set. */
export interface HostFilesSpec {
  files: HostFile[];
}

/** What is remembered of a file that was written, by its path. */
export interface WrittenFile {
  /** Name of the resource it was written for. */
  set: string;
  /** SHA-256 of the content last written, hex. */
  hash: string;
  /** Whether its reload and its proof have accepted it. */
  settled: boolean;
  /** Hash of the content before, while this one is not settled. */
  was?: string;
}

/** The name of the resource a file is part of: a set's name, or the path of a file on its own. */
export function setOf(file: HostFile): string {
  return file.set ?? file.path;
}
