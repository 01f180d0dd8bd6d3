import { statSync } from 'node:fs';
import type { AuditAction, AuditEntry, AuditEvent, AuditReport } from '../model/audit.ts';
import { isPublic } from '../model/secret.ts';
import type { StoredEntry, StoreLock } from '../model/secret-store.ts';
import type { UnsealMethod } from '../model/site.ts';
import type { StatusFinding } from '../model/status.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import { type AuditHead, openAudit } from './audit.ts';
import { readAudit, verifyAudit } from './audit-verify.ts';
import { guard, openDatabase, openFacts, transaction } from './database.ts';
import { type Keyring, kitOf, openRecord } from './keyring.ts';
import { migratePlain } from './migrate.ts';
import { createNoted } from './noted.ts';
import { openRecords } from './records.ts';
import { createRevealed } from './revealed.ts';
import { Secret } from './secret.ts';
import { openVault } from './vault.ts';

export type { StoredEntry } from '../model/secret-store.ts';

/** What holds values at rest. The embedded engine is a file only root can read. */
export interface SecretStore {
  /**
   * The newest version, or undefined. One that has expired is given too: a clock that is wrong must not lock
   * anybody out. Throws {@link import('../util/errors.ts').Sealed} while the store is sealed, PersonFault where the record was tampered
   * with, Transient where the use cannot be recorded.
   */
  get(path: string): Secret | undefined;
  /** One version, or undefined. Throws as `get`. */
  version(path: string, version: number): Secret | undefined;
  /** Writes all values as new versions, or none of them. Throws as `get`. */
  put(values: Record<string, string>, options?: PutOptions): void;
  /** Newest versions, by path. Works while sealed: there is no value in it. */
  list(): StoredEntry[];
  /** Removes all versions but the newest `keep`; 0 removes the path. A version number is never given twice. */
  forget(path: string, keep: number): void;
  /** The same store, read and written in somebody's name: `files contacts/nginx`, `person root`. */
  as(actor: string): SecretStore;
  readonly sealed: boolean;
  close(): void;
}

export interface PutOptions {
  /** Seconds the values are meant to live. */
  ttl?: number;
  /** Versions that are kept of each, with the new one; all unless given. */
  keep?: number;
}

/** The engine that comes with the program, and what is done to it as a whole. */
export interface EmbeddedStore extends SecretStore {
  as(actor: string): EmbeddedStore;
  lock(): StoreLock;
  /** Opens the store, and has it opened by `method` from now on. Throws PersonFault. */
  adopt(method: UnsealMethod, passphrase?: string): Promise<void>;
  unseal(passphrase?: string): Promise<void>;
  /** Forgets all keys: what needs a value waits until somebody opens the store again. */
  seal(): void;
  /** New root and data keys. A recovery kit of before opens nothing any more. */
  renewKeys(): void;
  /** As `put`, for a person or a rule that wants another value. */
  rotate(values: Record<string, string>): void;
  /** As `get`, recorded each time: a value that a person asked to see. */
  reveal(path: string): Secret | undefined;
  /** Whether the recovery kit that opens the store now was ever asked for. */
  kitPrinted(): boolean;
  /** The root key, for a recovery kit; the caller fills it with zeros. */
  rootKey(): Buffer;
  /** Opens the store by the root key of a kit, and gives it a new host key or passphrase. Throws PersonFault. */
  restore(root: Buffer, passphrase?: string): Promise<void>;
  /** Records what somebody is about to do besides using a secret. Throws Transient where it cannot be. */
  note(event: Omit<AuditEvent, 'actor'>): void;
  /** The newest entries of the audit log, oldest first. */
  audit(limit: number): AuditEntry[];
  verifyAudit(): AuditReport;
  /** A text without any value that was revealed in this process. */
  scrub(text: string): string;
  findings(): StatusFinding[];
}

/** What belongs to the store beside its database. */
export interface Places {
  hostKey: string;
  audit: string;
}

/** Bytes of the header of a database (sqlite.org/fileformat.html section 1.3); SQLite takes less for a new one. */
const SMALLEST = 100;

/**
 * Opens the embedded store, making it where it does not exist. All its files have mode 0600 from their first
 * instant. Throws PersonFault where the database is damaged or lost; nothing is changed then.
 */
export function openStore(file: string, places: Places = placesBeside(file)): EmbeddedStore {
  const witness = witnessOf(places);
  if (witness && sizeOf(file) < SMALLEST) throw lost(file, witness);
  const db = openDatabase(file);
  const vault = openVault(db, places.hostKey);
  const log = openAudit(places.audit);
  const records = openRecords(db);
  const revealed = createRevealed();
  /** Newest secret by path, for as long as no other process writes. */
  let newest = new Map<string, Secret | undefined>();
  /** What is in the audit log already. */
  const noted = createNoted();
  let auditFault: string | undefined;
  const changes = db.prepare('PRAGMA data_version');
  let seen = changes.get()?.data_version;
  const facts = openFacts(db);

  migratePlain(db, vault, records);
  if (witness && vault.lock().state === 'new') throw lost(file, witness);

  /** In a transaction. */
  function record(
    actor: string,
    action: AuditAction,
    what: Omit<AuditEvent, 'actor' | 'action'>[],
    durable = true,
  ): AuditHead {
    try {
      const head = log.append(
        what.map((one) => ({ actor, action, ...one })),
        chain(),
        durable,
      );
      auditFault = undefined;
      return head;
    } catch (error) {
      auditFault = (error as Error).message;
      throw error;
    }
  }

  function chain(): Buffer | undefined {
    return vault.lock().state === 'open' ? vault.keyring()?.chain : undefined;
  }

  /** Of the store as a whole: a full disk must not keep anybody from opening or sealing it. */
  function recordIfPossible(actor: string, action: AuditAction): void {
    try {
      transaction(db, () => record(actor, action, [{}]));
    } catch (error) {
      if (!(error instanceof Transient)) throw error; // else `findings` says it
    }
  }

  function secretOf(path: string, version: number, value: Buffer): Secret {
    const secret = new Secret(path, version, value.toString(), revealed.note);
    value.fill(0);
    return secret;
  }

  function load(path: string, version?: number): Secret | undefined {
    const row = guard(file, () => records.find(path, version));
    if (!row) return undefined;
    const keys = vault.keyring();
    if (!keys) return undefined;
    return secretOf(path, row.version, openRecord(keys.data.has(row.key) ? keys : vault.refresh(), row));
  }

  function get(path: string): Secret | undefined {
    const now = changes.get()?.data_version;
    if (now !== seen) newest = new Map();
    seen = now;
    if (isPublic(path) && vault.isSealed()) {
      const found = records.clear(path);
      if (found) return new Secret(path, found.version, found.text);
    }
    vault.keyring(); // throws while sealed
    if (!newest.has(path)) newest.set(path, load(path));
    return newest.get(path);
  }

  /** Records a first use before the value leaves; the same one by the same actor is not told again. */
  function used(actor: string, secret: Secret | undefined): Secret | undefined {
    if (!secret || isPublic(secret.path)) return secret;
    const { path, version } = secret;
    if (noted.has(actor, path, version)) return secret;
    transaction(db, () => record(actor, 'read', [{ path, version }]));
    noted.add(actor, path, version);
    return secret;
  }

  function write(
    actor: string,
    action: AuditAction,
    values: Record<string, string>,
    { ttl, keep }: PutOptions = {},
  ): void {
    vault.keyringToWrite();
    const written = transaction(db, () => {
      const keys = currentKeys();
      const versions = Object.entries(values).map(([path, value]) => {
        const version = records.add(keys, path, Buffer.from(value), ttl);
        if (isPublic(path)) records.setClear(path, version, value);
        if (keep !== undefined) records.forget(path, keep);
        return { path, version };
      });
      facts.set('audit', record(actor, action, versions));
      return versions;
    });
    for (const { path, version } of written) {
      newest.delete(path);
      if (keep !== undefined) noted.forget(path, keep);
      noted.add(actor, path, version); // who wrote it has it
    }
  }

  /** In a transaction: those another process made meanwhile. */
  function currentKeys(): Keyring {
    const keys = vault.keyringToWrite();
    return records.newestKey() === keys.active ? keys : vault.refresh();
  }

  function changed(actor: string, action: AuditAction): void {
    newest = new Map();
    recordIfPossible(actor, action);
  }

  function view(actor: string): EmbeddedStore {
    return {
      get: (path) => used(actor, get(path)),
      version(path, version) {
        vault.keyring();
        return used(actor, load(path, version));
      },
      put: (values, options) => write(actor, 'write', values, options),
      rotate: (values) => write(actor, 'rotate', values),
      list: () => records.list(),
      forget(path, keep) {
        vault.keyring();
        transaction(db, () => {
          // No value leaves, so the disk is not waited for twice.
          if (records.forget(path, keep)) record(actor, 'forget', [{ path }], false);
        });
        newest.delete(path);
        noted.forget(path, keep);
      },
      as: view,
      get sealed() {
        return vault.lock().state === 'sealed';
      },
      lock: vault.lock,
      async adopt(method, passphrase) {
        const { state } = vault.lock();
        const changedIt = await attempt(actor, () => vault.adopt(method, passphrase));
        if (state === 'sealed') changed(actor, 'unseal');
        if (changedIt) changed(actor, state === 'new' ? 'create' : 'new-opener');
      },
      async unseal(passphrase) {
        if (vault.lock().state !== 'sealed') return;
        await attempt(actor, () => vault.unseal(passphrase));
        changed(actor, 'unseal');
      },
      seal() {
        if (vault.lock().state !== 'open') return;
        changed(actor, 'seal');
        noted.clear();
        vault.seal();
      },
      renewKeys() {
        if (vault.renew()) changed(actor, 'new-keys');
      },
      reveal(path) {
        const secret = get(path);
        if (!secret) return undefined;
        transaction(db, () => record(actor, 'reveal', [{ path, version: secret.version }]));
        return secret;
      },
      kitPrinted() {
        const printed = facts.get('kit') as string | undefined;
        return printed !== undefined && printed === vault.lock().kit;
      },
      rootKey() {
        const { root } = vault.keyringToWrite();
        transaction(db, () => {
          facts.set('audit', record(actor, 'recovery-kit', [{}]));
          facts.set('kit', kitOf(root));
        });
        return Buffer.from(root);
      },
      async restore(root, passphrase) {
        await attempt(actor, () => vault.restore(root, passphrase));
        changed(actor, 'restore-key');
      },
      note({ action, ...what }) {
        transaction(db, () => facts.set('audit', record(actor, action, [what])));
      },
      audit: (limit) => readAudit(log.files(), limit),
      verifyAudit: () => verifyAudit(log.files(), chain(), facts.get('audit') as AuditHead | undefined),
      scrub: revealed.scrub,
      findings: () => findingsOf(vault.lock(), auditFault, facts.get('kit') as string | undefined),
      close() {
        vault.seal();
        db.close();
      },
    };
  }

  /** A refused attempt to open the store is recorded too. */
  async function attempt<T>(actor: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof PersonFault) recordIfPossible(actor, 'unseal-refused');
      throw error;
    }
  }

  return view('allod');
}

/** Where the parts are of a store that is no site's. */
function placesBeside(file: string): Places {
  const stem = file.replace(/\.db$/, '');
  return { hostKey: `${stem}.host.key`, audit: `${stem}.audit/audit.jsonl` };
}

/** What says that there were secrets here before; read before the database is, which a new store makes first. */
function witnessOf({ hostKey, audit }: Places): string | undefined {
  return [hostKey, audit].find((path) => sizeOf(path) > 0);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function lost(file: string, witness: string): PersonFault {
  return new PersonFault({
    where: file,
    message: `expected the secrets that ${witness} belongs to; got none; try putting the file back from a backup, or ./allod destroy to begin anew; nothing was changed`,
  });
}

function findingsOf(
  { state, kit, reason = '' }: StoreLock,
  auditFault = '',
  printed?: string,
): StatusFinding[] {
  const sealed = state === 'sealed' ? [finding('secrets-sealed', reason)] : [];
  const audit = auditFault ? [finding('secrets-audit', auditFault)] : [];
  const isOld = printed !== undefined && kit !== undefined && printed !== kit;
  const text = `the recovery kit that was printed (${printed}) opens nothing any more; try ./allod recovery-kit`;
  return [...sealed, ...audit, ...(isOld ? [finding('recovery-kit', text)] : [])];
}

/** From a message in two halves: `…; try …`. */
function finding(id: string, message: string): StatusFinding {
  const [text = '', remedy = ''] = message.split('; try ');
  return { id, text, remedy };
}
