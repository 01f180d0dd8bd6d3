/**
 * A name for a value the store holds. The plan knows only these; a value appears in `secrets/`, in
 * `render/` and in files on tmpfs, nowhere else.
 */
export interface SecretRef {
  /** Path in the store: `postgres/admin-password`, `certificates/contacts.example.org/key`. */
  readonly secret: string;
}

export function secretRef(path: string): SecretRef {
  return { secret: path };
}

export function isSecretRef(value: unknown): value is SecretRef {
  return typeof value === 'object' && value !== null && typeof (value as SecretRef).secret === 'string';
}
