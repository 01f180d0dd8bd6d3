import type { SecretSpec } from './secret.ts';
import type { UnsealMethod } from './site.ts';

/** What the store tells of a path: never a value. */
export interface StoredEntry {
  path: string;
  version: number;
  /** When it was written, ms since 1970. */
  since: number;
  /** When it should be used no longer, ms since 1970. */
  expires?: number;
  /** Which data key it is enciphered with. */
  keyId: string;
}

/** How the store is opened, and whether it is. */
export interface StoreLock {
  state: 'new' | 'open' | 'sealed';
  /** Undefined while it is new. */
  method?: UnsealMethod;
  /** Which recovery kit opens it. */
  kit?: string;
  /** Why it is sealed, and what to try. */
  reason?: string;
}

/** A stored secret with what the site file makes of it. */
export interface SecretView extends StoredEntry {
  /** The service it is of; null where nobody asks for it any more. */
  owner: string | null;
  /** Resources that refer to it: `files contacts/nginx`. */
  consumers: string[];
  rotation: Rotation;
  /** When it will be replaced by itself, ms since 1970; null where a person says when. */
  next: number | null;
}

/** What a value is made by. */
export type NewValue = Pick<SecretSpec, 'bits' | 'form'>;

/** How a secret gets a new value. */
export type Rotation =
  /** `every`: by itself, after so many seconds. */
  | ({ how: 'value'; every?: number } & NewValue)
  | { how: 'login'; service: string }
  | { how: 'certificate'; name: string }
  /** It is not to be rotated; one sentence without its full stop. */
  | { how: 'never'; why: string };
