import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates } from 'node:tls';
import type { AcmeSource, CertificateSpec, OrderNote } from '../model/certificate.ts';
import { fingerprint } from '../model/fingerprint.ts';
import { Deferred, isExpected, messageOf, PersonFault, Transient } from '../util/errors.ts';
import { requestFor } from './authority.ts';
import { entriesOf, type PlaceOrder } from './certificate-provider.ts';
import { misfits, readChain } from './fitness.ts';
import { besideKey, chooseKey } from './key-book.ts';
import { newKey } from './pem.ts';
import type { SecretStore } from './store.ts';

/** What a CA is asked for. */
export interface Order {
  source: AcmeSource;
  /** Roots of the CA, PEM, where `source.ca` names them. */
  roots?: string;
  /** PEM. */
  accountKey: string;
  names: string[];
  /** PKCS #10, PEM. */
  request: string;
}

/** Answers with the chain, PEM. Throws Transient, with `retryAfter` in seconds where the CA said so. */
export type AskAuthority = (order: Order) => Promise<string>;

export interface OrderParts {
  store: SecretStore;
  /** What is remembered of orders that failed. */
  notes: { orders(): Record<string, OrderNote>; saveOrders(notes: Record<string, OrderNote>): void };
  ask: AskAuthority;
  /** Orders under way by name: longer than one form of the site file, shorter than the daemon. */
  running: Map<string, Promise<Error | undefined>>;
  /** A directory on tmpfs. */
  scratch: string;
}

/** How long a run waits for an order, ms; after that it goes on without it. */
const PATIENCE = 20_000;
const MINUTE = 60_000;
/** After the first failure, twice as long after each further one; four attempts in the first hour. */
const FIRST_PAUSE = 5 * MINUTE;
const LONGEST_PAUSE = 6 * 60 * MINUTE;
/** What a CA may ask for. */
const LONGEST_RETRY_AFTER = 24 * 60 * MINUTE;

/**
 * Orders certificates, one order for a name at a time, with pauses after failures that outlive the daemon. An order is
 * noted as failed before it begins, so that one that ends the daemon is not begun again at once.
 */
export function orders({ store, notes, ask, running, scratch }: OrderParts): PlaceOrder {
  function note(name: string, entry: OrderNote | undefined): void {
    const { [name]: _, ...others } = notes.orders();
    notes.saveOrders(entry ? { ...others, [name]: entry } : others);
  }

  async function place(name: string, spec: CertificateSpec): Promise<Error | undefined> {
    const before = notes.orders()[name];
    const failures = (before?.spec === fingerprint(spec) ? before.failures : 0) + 1;
    const failed = (text: string, retryAfter?: number): void => {
      const notBefore = Date.now() + pauseAfter(failures, retryAfter);
      note(name, { spec: fingerprint(spec), failures, notBefore, text });
    };
    failed('the last order was cut short');
    try {
      await order(name, spec);
      note(name, undefined);
      return undefined;
    } catch (error) {
      failed(messageOf(error), (error as { retryAfter?: number }).retryAfter);
      return error as Error;
    } finally {
      running.delete(name);
    }
  }

  async function order(name: string, spec: CertificateSpec): Promise<void> {
    const { names, acme: source } = spec;
    if (!source) throw new Error(`${name} is not ordered anywhere`);
    const roots = source.ca === undefined ? undefined : readRoots(source.ca);
    const key = chooseKey(store, name, spec);
    const request = await requestFor(names, key, scratch);
    const accountKey = accountOf(source);
    const certificate = await ask({ source, ...(roots ? { roots } : {}), accountKey, names, request });
    const pair = { certificate, key };
    const [fault] = misfits(pair, { names }, roots ? [roots] : knownRoots());
    if (fault) throw new Transient(`the certificate that came ${fault}`);
    store.put({ ...entriesOf(name, pair, source.directory), ...besideKey(store, name, spec, key) });
  }

  /** The key that is the account at one directory, P-256. */
  function accountOf({ directory }: AcmeSource): string {
    const path = `acme/${fingerprint(directory)}/account-key`;
    const known = store.get(path)?.reveal();
    if (known) return known;
    const key = newKey();
    store.put({ [path]: key });
    return key;
  }

  return async function placeOrder(name, spec, goodUntil) {
    const host = new URL(spec.acme?.directory ?? '').host;
    const meanwhile = `the certificate in place is good until ${goodUntil.toISOString()}`;
    const last = notes.orders()[name];
    if (!running.has(name) && last?.spec === fingerprint(spec) && isTooEarly(last)) {
      const next = new Date(last.notBefore).toISOString();
      throw new Deferred(`${host}: ${last.text}; ${meanwhile}, the next order is due ${next}`);
    }
    const order = running.get(name) ?? place(name, spec);
    running.set(name, order);
    const waiting = new AbortController();
    const late = sleep(PATIENCE, 'late' as const, { signal: waiting.signal, ref: false }).catch(
      () => undefined,
    );
    const outcome = await Promise.race([order, late]);
    waiting.abort();
    if (outcome === undefined) return;
    if (outcome === 'late') throw new Deferred(`${host}: the order is under way; ${meanwhile}`);
    if (!isExpected(outcome)) throw outcome;
    throw new Deferred(`${host}: ${outcome.message}; ${meanwhile}`);
  };
}

function readRoots(path: string): string {
  let found = 'no certificate in it';
  try {
    const text = readFileSync(path, 'utf8');
    if (readChain(text).length > 0) return text;
  } catch (error) {
    found = messageOf(error);
  }
  const message = `expected a PEM file with root certificates; got ${found}; try the root that the CA hands out`;
  throw new PersonFault({ where: path, path: 'certificates.acme.ca', message });
}

/** A clock that was set back must not make a pause of months out of one of minutes. */
function isTooEarly({ notBefore }: OrderNote): boolean {
  const pause = notBefore - Date.now();
  return pause > 0 && pause <= LONGEST_RETRY_AFTER;
}

/** Milliseconds, up to half as long again by chance: not all of a CA's customers come back at once. */
function pauseAfter(failures: number, retryAfter = 0): number {
  const pause = Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE) * (1 + Math.random() / 2);
  return Math.round(Math.min(Math.max(pause, retryAfter * 1000), LONGEST_RETRY_AFTER));
}

/** Whom clients of a CA's certificates trust, PEM. A file that cannot be read is told of when something is ordered. */
export function rootsOf({ ca }: AcmeSource): string[] {
  if (ca === undefined) return knownRoots();
  return existsSync(ca) ? [readFileSync(ca, 'utf8')] : [];
}

/** Roots that clients anywhere trust, and those this machine was told to. */
function knownRoots(): string[] {
  return [...getCACertificates('default'), ...getCACertificates('system')];
}
