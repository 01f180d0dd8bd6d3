import type { AdminKey, AdminProofs } from '../../model/people.ts';
import { type Fault, PersonFault } from '../../util/errors.ts';
import type { Question, Verdict } from './messages.ts';

/** What the daemon keeps of administrators to know them by. */
export interface AdminKeys {
  of(name: string): AdminProofs;
  /** Sets a passkey, the secret of a code, or both. PersonFault: one that is no key, or one too many. */
  add(name: string, what: { passkey?: AdminKey; code?: string }): Promise<void>;
  /** What is not there need not go: a passkey made before somebody administered is the portal's alone. */
  remove(name: string, what: { id?: string; code?: true }): void;
  /** Everything. The number of what there was. */
  clear(name: string): number;
  /** Of the code; undefined where none is registered. */
  secretOf(name: string): string | undefined;
  /** What a proof leaves behind: neither an answer nor a code is taken twice. */
  used(name: string, what: { id: string; counter: number } | { step: number }): void;
}

export interface KeyParts {
  state: {
    adminProofs(): Record<string, AdminProofs>;
    saveAdminProofs(proofs: Record<string, AdminProofs>): void;
  };
  /** Values of the store; `undefined` removes. */
  store: { get(path: string): string | undefined; set(path: string, value: string | undefined): void };
  ask(question: Question): Promise<Verdict>;
}

/** Passkeys of one administrator: a few devices each. */
const MOST = 20;

export function adminKeys({ state, store, ask }: KeyParts): AdminKeys {
  function of(name: string): AdminProofs {
    return new Map(Object.entries(state.adminProofs())).get(name) ?? { passkeys: [] };
  }

  function save(name: string, proofs: AdminProofs): void {
    const others = Object.entries(state.adminProofs()).filter(([other]) => other !== name);
    const empty = proofs.passkeys.length === 0 && !proofs.code;
    state.saveAdminProofs(Object.fromEntries(empty ? others : [...others, [name, proofs]]));
  }

  return {
    of,
    async add(name, { passkey, code }) {
      if (passkey && !(await ask({ about: 'key', publicKey: passkey.publicKey })).good)
        throw fault('passkey', 'a public key by ES256, EdDSA or RS256; got another', 'another authenticator');
      const { passkeys, ...rest } = of(name);
      const others = passkey ? passkeys.filter(({ id }) => id !== passkey.id) : passkeys;
      if (passkey && others.length >= MOST)
        throw fault('passkey', `at most ${MOST} passkeys; got one more`, 'removing one first');
      // First: without its secret in the store there is no code to ask for.
      if (code !== undefined) store.set(pathOf(name), code);
      save(name, {
        ...rest,
        passkeys: passkey ? [...others, passkey] : others,
        ...(code === undefined ? {} : { code: { step: 0 } }),
      });
    },
    remove(name, { id, code }) {
      const { passkeys, code: had } = of(name);
      save(name, {
        passkeys: passkeys.filter((key) => key.id !== id),
        ...(had && !code ? { code: had } : {}),
      });
      if (code) store.set(pathOf(name), undefined);
    },
    clear(name) {
      const { passkeys, code } = of(name);
      save(name, { passkeys: [] });
      if (code) store.set(pathOf(name), undefined);
      return passkeys.length + (code ? 1 : 0);
    },
    secretOf: (name) => (of(name).code ? store.get(pathOf(name)) : undefined),
    used(name, what) {
      const { passkeys, code } = of(name);
      if ('step' in what) return save(name, { passkeys, ...(code ? { code: { step: what.step } } : {}) });
      const { id, counter } = what;
      const moved = passkeys.map((key) => (key.id === id ? { ...key, counter } : key));
      save(name, { passkeys: moved, ...(code ? { code } : {}) });
    },
  };
}

/** In the store. Names of people hold no slash. */
function pathOf(name: string): string {
  return `administrators/${name}/code`;
}

function fault(where: string, expected: string, attempt: string): PersonFault {
  const one: Fault = { where, message: `expected ${expected}; try ${attempt}` };
  return new PersonFault(one);
}
