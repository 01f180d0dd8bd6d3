import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreLock } from '../model/secret-store.ts';
import type { UnsealMethod } from '../model/site.ts';
import { PersonFault, Sealed } from '../util/errors.ts';
import { limit } from '../util/limit.ts';
import { compact, transaction } from './database.ts';
import { newKey } from './envelope.ts';
import { beside, installHostKey, prepareHostKey, readHostKey, removeHostKey } from './host-key.ts';
import {
  createKeyring,
  type Keyring,
  type Opener,
  openKeyring,
  openKeyringWithRoot,
  readOpener,
  renewKeyring,
  wipe,
  writeOpener,
} from './keyring.ts';
import { checkPassphrase, newStretching, stretch } from './passphrase.ts';

/** The keys of a store: in memory while it is open, nowhere in the clear while it is sealed. */
export interface Vault {
  lock(): StoreLock;
  /** Whether keys are needed and not there; asks the disk only then. */
  isSealed(): boolean;
  /** Undefined while the store is new. Throws Sealed. */
  keyring(): Keyring | undefined;
  /** As `keyring`, and makes the keys of a new store, opened by a host key. */
  keyringToWrite(): Keyring;
  /** Takes in keys that another process made. Throws Sealed where that does not do. */
  refresh(): Keyring;
  /** Opens the store, and has it opened by `method` from now on. Throws PersonFault. */
  adopt(method: UnsealMethod, passphrase?: string): Promise<boolean>;
  /** Throws PersonFault where the passphrase is wrong, after a second in which no other is tried. */
  unseal(passphrase?: string): Promise<void>;
  seal(): void;
  /** False where there are no keys yet. */
  renew(): boolean;
  /** Opens the store by its root key, and gives it a new host key or passphrase. Throws PersonFault. */
  restore(root: Buffer, passphrase?: string): Promise<void>;
}

/** Milliseconds after a wrong passphrase. */
const DELAY = 1000;

export function openVault(db: DatabaseSync, hostKey: string): Vault {
  let keys: Keyring | undefined;
  /** A person sealed it: a host key does not open it by itself. */
  let sealedByHand = false;
  const turn = limit(1);

  function tryHostKey(): void {
    if (keys || sealedByHand || readOpener(db)?.method !== 'host-key') return;
    keys = openWith(hostKey);
    if (keys) return;
    keys = openWith(beside(hostKey));
    if (keys) settle(); // the one who made it was killed, or is just about to
  }

  function openWith(file: string): Keyring | undefined {
    const key = readHostKey(file);
    const found = key && openKeyring(db, key);
    key?.fill(0);
    return found;
  }

  /**
   * Brings the key file in line with the store. A new key is prepared, the store changed, the key put in its
   * place: whoever comes after a kill, or between two steps of another process, does the last one.
   */
  function settle(): void {
    alone(() => {
      const method = readOpener(db)?.method;
      if (method === 'passphrase' && existsSync(hostKey)) removeHostKey(hostKey);
      if (method !== 'host-key') return;
      const waiting = openWith(beside(hostKey));
      if (!waiting) return;
      wipe(waiting);
      installHostKey(hostKey);
    });
  }

  function alone(work: () => void): void {
    if (db.isTransaction) work();
    else transaction(db, work);
  }

  function lock(): StoreLock {
    tryHostKey();
    const opener = readOpener(db);
    if (!opener) return { state: 'new' };
    const { method, kit } = opener;
    return keys ? { state: 'open', method, kit } : { state: 'sealed', method, kit, reason: reasonOf(method) };
  }

  function reasonOf(method: UnsealMethod): string {
    if (method === 'passphrase' || sealedByHand) return 'the secrets are sealed; try ./allod secrets unseal';
    const what = existsSync(hostKey) ? 'does not fit' : 'is missing';
    return `the secrets are sealed: ${hostKey}, which opens secrets.db, ${what}; try putting it back, or ./allod secrets restore-key with the recovery kit`;
  }

  function keyring(): Keyring | undefined {
    if (keys) return keys;
    const { state, reason = '' } = lock();
    if (state === 'sealed') throw new Sealed(reason);
    return keys;
  }

  function refresh(): Keyring {
    const before = keys;
    keys = before && openKeyring(db, before.opener);
    if (before) wipe(before);
    const now = keyring();
    if (!now) throw new Error('the store has lost its keys');
    return now;
  }

  function create(opener: Opener): Keyring {
    const made = transaction(db, () => {
      if (readOpener(db)) return undefined; // another process was first
      prepare(opener);
      return createKeyring(db, opener);
    });
    keys = made;
    if (made) install(opener);
    const now = keyring();
    if (!now) throw new Error('a new store has no keys');
    return now;
  }

  /** Wraps the root key otherwise, or makes all keys new. */
  function change(opener: Opener, renewed: boolean): void {
    const [old, fresh] = transaction(db, () => {
      const current = refresh();
      prepare(opener);
      if (renewed) return [current, renewKeyring(db, current, opener)] as const;
      writeOpener(db, current.root, opener);
      return [current, { ...current, opener: Buffer.from(opener.key) }] as const;
    });
    if (renewed) wipe(old);
    else old.opener.fill(0);
    keys = fresh;
    install(opener);
    compact(db); // best effort: what is overwritten in the file may still be in its journal
  }

  /** In the transaction that changes the store. */
  function prepare({ method, key }: Opener): void {
    settle();
    if (method === 'host-key') prepareHostKey(hostKey, key);
  }

  /** After that transaction. */
  function install({ key }: Opener): void {
    key.fill(0);
    settle();
  }

  async function openByPassphrase(passphrase: string): Promise<void> {
    const stretching = readOpener(db)?.stretching;
    if (!stretching) throw new Error('a passphrase without its parameters');
    const key = await stretch(passphrase, stretching);
    keys = openKeyring(db, key);
    key.fill(0);
    if (keys) return;
    await sleep(DELAY);
    throw new PersonFault({
      where: 'passphrase',
      message:
        'expected the passphrase of this site; got another one; try again, or ./allod secrets restore-key with the recovery kit',
    });
  }

  async function unseal(passphrase?: string): Promise<void> {
    const { state, method } = lock();
    if (state !== 'sealed') return;
    if (method === 'passphrase') return await openByPassphrase(needed(passphrase));
    sealedByHand = false;
    tryHostKey();
    if (!keys) throw new PersonFault({ where: basename(hostKey), message: reasonOf('host-key') });
  }

  if (readOpener(db)?.method === 'passphrase' && existsSync(hostKey)) settle();
  return {
    lock,
    isSealed: () => !keys && lock().state === 'sealed',
    keyring,
    keyringToWrite: () => keyring() ?? create({ method: 'host-key', key: newKey() }),
    refresh,
    adopt: (method, passphrase) =>
      turn(async () => {
        await unseal(passphrase);
        const current = lock();
        if (current.method === method || (current.state === 'new' && method === 'host-key')) return false;
        const opener = await openerOf(method, passphrase);
        if (current.state === 'new') create(opener);
        // A host key was on the disk and may have been copied: after it, no key it opened is used any more.
        else change(opener, method === 'passphrase');
        return true;
      }),
    unseal: (passphrase) => turn(() => unseal(passphrase)),
    seal() {
      sealedByHand = true;
      if (keys) wipe(keys);
      keys = undefined;
    },
    renew() {
      const current = keyring();
      if (!current) return false;
      const row = readOpener(db);
      const isPassphrase = row?.method === 'passphrase';
      const key = isPassphrase ? Buffer.from(current.opener) : newKey();
      const stretching = isPassphrase ? row.stretching : undefined;
      change({ method: row?.method ?? 'host-key', key, ...(stretching ? { stretching } : {}) }, true);
      return true;
    },
    restore: (root, passphrase) =>
      turn(async () => {
        const row = readOpener(db);
        const found = row && openKeyringWithRoot(db, root, Buffer.alloc(0));
        if (!row || !found) throw otherKit(row?.kit);
        const opener = await openerOf(row.method, passphrase);
        transaction(db, () => {
          prepare(opener);
          writeOpener(db, root, opener);
        });
        keys = { ...found, root: Buffer.from(root), opener: Buffer.from(opener.key) };
        sealedByHand = false;
        install(opener);
      }),
  };
}

async function openerOf(method: UnsealMethod, passphrase: string | undefined): Promise<Opener> {
  if (method === 'host-key') return { method, key: newKey() };
  const given = needed(passphrase);
  checkPassphrase(given);
  const stretching = newStretching();
  return { method, stretching, key: await stretch(given, stretching) };
}

function needed(passphrase: string | undefined): string {
  if (passphrase !== undefined && passphrase !== '') return passphrase;
  throw new PersonFault({
    where: 'passphrase',
    message:
      'expected the passphrase that opens the secrets; got none; try on a terminal, or --passphrase-stdin',
  });
}

function otherKit(kit: string | undefined): PersonFault {
  const which = kit === undefined ? 'there are no secrets here yet' : `this store is opened by kit ${kit}`;
  return new PersonFault({
    where: 'recovery kit',
    message: `expected the kit of this store; got another one: ${which}; try the kit that was printed last`,
  });
}
