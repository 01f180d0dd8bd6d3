/**
 * A name for a value the store holds. The plan knows only these; a value appears in `secrets/`, in
 * `render/` and in files on tmpfs, nowhere else.
 */
export interface SecretRef {
  /** Path in the store: `postgres/admin-password`, `certificates/contacts.example.org/key`. */
  readonly secret: string;
  /** The value before the present one, which is good for a while; the present one where there was none. */
  readonly previous?: true;
}

/** `jwk`: a private key to sign tokens with, JSON (RFC 7517). */
export type SecretForm = 'text' | 'dnssec-key' | 'jwk';

/** Spec of a resource of kind `secret`, which is named by its path. */
export interface SecretSpec {
  bits: number;
  /** Absent for text. */
  form?: Exclude<SecretForm, 'text'>;
  /** Absent where a person says when it gets another value. `every`: seconds. */
  rotation?: { every: number } | { never: string };
}

export function secretRef(path: string): SecretRef {
  return { secret: path };
}

/**
 * What the store holds and everybody may know: what is shown to every client, and names of roles. It can be read while
 * the store is sealed, and no use of it is recorded.
 */
export function isPublic(path: string): boolean {
  return /^(logins\/[^/]+\/role|certificates\/[^/]+\/(chain|source|spki)|ca\/[^/]+\/certificate)$/.test(path);
}

/** Paths of all references in a value, at any depth. */
export function refsIn(value: unknown): Set<string> {
  const paths = new Set<string>();
  function visit(part: unknown): void {
    if (typeof part !== 'object' || part === null) return;
    if (isSecretRef(part)) paths.add(part.secret);
    else for (const member of Object.values(part)) visit(member);
  }
  visit(value);
  return paths;
}

export function isSecretRef(value: unknown): value is SecretRef {
  return typeof value === 'object' && value !== null && typeof (value as SecretRef).secret === 'string';
}
