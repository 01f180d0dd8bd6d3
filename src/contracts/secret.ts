import type { SecretRef } from '../model/secret.ts';

/** A value made once by the store and kept. */
export interface SecretRequest {
  contract: 'secret';
  /** Unique in the service; the path is `<service>/<name>`. */
  name: string;
  /** Entropy in bits; the value is base64url text of as many bytes. 256 unless given. */
  bits?: number;
  why: string;
}

export interface SecretResult {
  ref: SecretRef;
}

export function secret(request: Omit<SecretRequest, 'contract'>): SecretRequest {
  return { contract: 'secret', ...request };
}
