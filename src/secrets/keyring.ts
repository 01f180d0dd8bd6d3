import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { UnsealMethod } from '../model/site.ts';
import { PersonFault } from '../util/errors.ts';
import { decipher, encipher, newKey } from './envelope.ts';
import type { Stretching } from './passphrase.ts';

/** Keys in the clear: in memory only, for as long as the store is open. */
export interface Keyring {
  /** Wraps the others. What the recovery kit holds. */
  root: Buffer;
  /** Data keys by id; records name the one they are enciphered with. */
  data: Map<number, Buffer>;
  /** The data key of new records. */
  active: number;
  /** Signs the entries of the audit log. It stays when the others change: old entries can be checked for ever. */
  chain: Buffer;
  /** What the root key was unwrapped with. */
  opener: Buffer;
}

/** What wraps the root key: a key from a file, or one made of a passphrase. */
export interface Opener {
  method: UnsealMethod;
  key: Buffer;
  stretching?: Stretching;
}

/** How the root key is kept; no key in the clear. */
export interface OpenerRow {
  method: UnsealMethod;
  stretching: Stretching | undefined;
  wrapped: Uint8Array;
  /** Tells recovery kits apart: the beginning of a hash of the root key. */
  kit: string;
}

export function readOpener(db: DatabaseSync): OpenerRow | undefined {
  const row = db.prepare('SELECT method, parameters, wrapped, kit FROM opener').get();
  if (!row) return undefined;
  const { method, parameters, wrapped, kit } = row as unknown as OpenerRow & { parameters: string };
  return { method, wrapped, kit, stretching: JSON.parse(parameters) ?? undefined };
}

/** First 8 hex digits of a hash of the root key: by it a person sees whether a kit is the right one. */
export function kitOf(root: Buffer): string {
  return createHash('sha256').update('allod kit').update(root).digest('hex').slice(0, 8);
}

/** Makes all keys of a new store. In a transaction. */
export function createKeyring(db: DatabaseSync, opener: Opener): Keyring {
  const keyring: Keyring = {
    ...{ root: newKey(), chain: newKey(), opener: Buffer.from(opener.key) },
    ...{ active: 1, data: new Map([[1, newKey()]]) },
  };
  writeOpener(db, keyring.root, opener);
  writeKeys(db, keyring);
  return keyring;
}

/** The keyring, unwrapped by what wraps the root key; undefined where that is another one. */
export function openKeyring(db: DatabaseSync, opener: Buffer): Keyring | undefined {
  const row = readOpener(db);
  const root = row && decipher(opener, row.wrapped, 'root');
  return root && openKeyringWithRoot(db, root, opener);
}

/** As {@link openKeyring}, by the root key itself, as a recovery kit holds it. */
export function openKeyringWithRoot(db: DatabaseSync, root: Buffer, opener: Buffer): Keyring | undefined {
  const data = new Map<number, Buffer>();
  let chain: Buffer | undefined;
  const rows = db.prepare('SELECT id, use, wrapped FROM data_key ORDER BY id').all() as unknown as KeyRow[];
  for (const { id, use, wrapped } of rows) {
    const key = decipher(root, wrapped, boundOf(id, use));
    if (!key) return undefined;
    if (use === 'chain') chain = key;
    else data.set(id, key);
  }
  const active = Math.max(...data.keys());
  return chain && data.size > 0 ? { root, data, active, chain, opener: Buffer.from(opener) } : undefined;
}

interface KeyRow {
  id: number;
  use: string;
  wrapped: Uint8Array;
}

/** The same keys, the root key wrapped otherwise. In a transaction. */
export function writeOpener(db: DatabaseSync, root: Buffer, { method, key, stretching }: Opener): void {
  db.prepare(
    'INSERT OR REPLACE INTO opener (id, method, parameters, wrapped, kit) VALUES (1, ?, ?, ?, ?)',
  ).run(...[method, JSON.stringify(stretching ?? null), encipher(key, root, 'root'), kitOf(root)]);
}

/**
 * A new root key, a new data key, and every record enciphered anew; the old data keys are gone. In one
 * transaction, so that a kill leaves all of the old keys in force or all of the new ones. Throws PersonFault
 * where a record does not open: its key must not go.
 */
export function renewKeyring(db: DatabaseSync, old: Keyring, opener: Opener): Keyring {
  const active = old.active + 1;
  const fresh: Keyring = {
    ...{ root: newKey(), chain: Buffer.from(old.chain), opener: Buffer.from(opener.key) },
    ...{ active, data: new Map([[active, newKey()]]) },
  };
  const records = db.prepare('SELECT path, version, key, box FROM record').all() as unknown as RecordRow[];
  const write = db.prepare('UPDATE record SET key = ?, box = ? WHERE path = ? AND version = ?');
  for (const record of records) {
    const plain = openRecord(old, record);
    write.run(active, sealRecord(fresh, record, plain), record.path, record.version);
    plain.fill(0);
  }
  db.exec('DELETE FROM data_key');
  writeKeys(db, fresh);
  writeOpener(db, fresh.root, opener);
  return fresh;
}

export interface RecordRow {
  path: string;
  version: number;
  key: number;
  box: Uint8Array;
}

/** The value of a record. Throws PersonFault where it is not what it claims to be: see {@link sealRecord}. */
export function openRecord({ data }: Keyring, { path, version, key, box }: RecordRow): Buffer {
  const dataKey = data.get(key);
  const plain = dataKey && decipher(dataKey, box, `${path}\0${version}\0${key}`);
  if (plain) return plain;
  const found = dataKey
    ? 'does not open as what it claims to be'
    : `names the data key ${key}, which there is not`;
  throw new PersonFault({
    where: 'secrets.db',
    message: `record ${path} version ${version} ${found}: it was changed or moved; try ./allod secrets rotate ${path}, or a backup of secrets.db; nothing was changed`,
  });
}

/** Bound to path, version and key id: a record that was moved to another place does not open there. */
export function sealRecord(
  { data, active }: Keyring,
  { path, version }: Pick<RecordRow, 'path' | 'version'>,
  plain: Buffer,
): Buffer {
  const key = data.get(active);
  if (!key) throw new Error(`no data key ${active}`);
  return encipher(key, plain, `${path}\0${version}\0${active}`);
}

function writeKeys(db: DatabaseSync, { root, data, chain }: Keyring): void {
  const insert = db.prepare('INSERT INTO data_key (id, use, wrapped) VALUES (?, ?, ?)');
  insert.run(0, 'chain', encipher(root, chain, boundOf(0, 'chain')));
  for (const [id, key] of data) insert.run(id, 'data', encipher(root, key, boundOf(id, 'data')));
}

function boundOf(id: number, use: string): string {
  return `key\0${use}\0${id}`;
}

/** Nothing of the keys is left in memory. */
export function wipe({ root, chain, opener, data }: Keyring): void {
  for (const key of [root, chain, opener, ...data.values()]) key.fill(0);
}
