import { type SecretRef, secretRef } from './secret.ts';

/** Where a value that is made outside the site comes from. The store holds it under {@link sourceRef}. */
export type Source = { name: string } & SourceOrigin;

export type SourceOrigin =
  /** Absolute path; read again when it changes. */
  | { file: string }
  /** Variable that `./allod up` is run with. */
  | { environment: string }
  /** argv, the program by its absolute path. Both durations in seconds. */
  | { command: string[]; every: number; timeout: number };

export function sourceRef(name: string): SecretRef {
  return secretRef(`sources/${name}`);
}

/** Variables that the sources of a site are read from. */
export function variablesOf(sources: Source[]): string[] {
  return sources.flatMap((source) => ('environment' in source ? [source.environment] : []));
}
