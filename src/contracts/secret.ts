import type { SecretForm, SecretRef } from '../model/secret.ts';

/** A value the store makes. Whatever takes it in takes in another one too, unless `rotation` says why not. */
export interface SecretRequest {
  contract: 'secret';
  /** Unique in the service; the path is `<service>/<name>`. */
  name: string;
  /** Entropy in bits; the value is base64url text of as many bytes. 256 unless given. */
  bits?: number;
  /** What the value is: random text, or a private key to sign zones with, in the format of BIND. `text` unless given. */
  form?: SecretForm;
  /**
   * Whether it may get another value; `any-time`, when a person says so, unless given. `every`: by itself, after so
   * many seconds. `never`: why not, in a sentence without full stop.
   */
  rotation?: 'any-time' | { every: number } | { never: string };
  why: string;
}

export interface SecretResult {
  ref: SecretRef;
}

export function secret(request: Omit<SecretRequest, 'contract'>): SecretRequest {
  return { contract: 'secret', ...request };
}
