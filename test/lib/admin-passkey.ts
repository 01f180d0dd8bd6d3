import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { AdminKey } from '../../src/model/people.ts';
import type { Assertion } from '../../src/server/proofs/messages.ts';

/** A passkey of an administrator as the daemon keeps it, whose answers may be wrong (Web Authentication Level 3 sections 6.1 and 6.3.3). */
export interface Authenticator {
  key: AdminKey;
  /** An answer to a challenge (base64url) for a page. What is given otherwise is what an attacker would give. */
  answer(challenge: string, host: string, otherwise?: Otherwise): Assertion;
}

interface Otherwise {
  origin?: string;
  rpId?: string;
  type?: string;
  /** Whether the user was verified, by a finger or a PIN. */
  verified?: boolean;
  counter?: number;
  /** Whose signature it is. */
  signer?: Authenticator;
}

/** What `Authenticator.signer` needs and nobody else sees. */
const signers = new WeakMap<Authenticator, (bytes: Buffer) => Buffer>();

export function authenticator(label = 'Laptop'): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const id = randomBytes(16).toString('base64url');
  // A COSE key (RFC 9053 section 7.1.1): {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
  const cose = Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ]);
  let count = 0;

  const self: Authenticator = {
    key: { id, publicKey: cose.toString('base64url'), counter: 0, label },
    answer(challenge, host, otherwise = {}) {
      const { origin = `https://${host}`, rpId = host, type = 'webauthn.get', verified = true } = otherwise;
      const clientData = Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
      const counter = Buffer.alloc(4);
      counter.writeUInt32BE(otherwise.counter ?? ++count);
      const flags = Buffer.from([verified ? 0x05 : 0x01]);
      const data = Buffer.concat([sha256(rpId), flags, counter]);
      const signer = signers.get(otherwise.signer ?? self);
      const signature = signer?.(Buffer.concat([data, sha256(clientData)])) ?? Buffer.alloc(0);
      return {
        ...{ id, rawId: id, type: 'public-key', clientExtensionResults: {} },
        response: {
          clientDataJSON: clientData.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: signature.toString('base64url'),
        },
      };
    },
  };
  signers.set(self, (bytes) => sign('sha256', bytes, privateKey));
  return self;
}

function sha256(bytes: string | Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
