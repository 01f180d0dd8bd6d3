import { Attribute, Change as Edit, type Entry } from 'ldapts';
import { fingerprint } from '../../model/fingerprint.ts';
import type { Reach } from '../../model/provider.ts';
import { type Change, keyOf, type ObservedResource, type Resource } from '../../model/resource.ts';
import type { SecretRef } from '../../model/secret.ts';
import { PersonFault, Transient } from '../../util/errors.ts';
import { type Directory, ENTRY_ALREADY_EXISTS, NO_SUCH_OBJECT, refusedWith } from './connection.ts';
import { hashSecret, isHashOf } from './password.ts';

/** Spec of a service that may read people: the password it binds with as `cn=<name>,ou=services`. */
interface BindSpec {
  password: SecretRef;
}

/** Stands in `description` of every entry that is ours, followed by the fingerprint of its spec. */
const MARK = 'allod:';

/** The binds that carry our mark, wanted or not. */
export async function observeBinds(
  { client, base }: Directory,
  reach: Reach,
  desired: Resource[],
): Promise<Record<string, ObservedResource>> {
  const { searchEntries } = await client.search(`ou=services,${base}`, {
    scope: 'one',
    filter: `(description=${MARK}*)`,
    attributes: ['cn', 'description', 'userPassword'],
  });
  const found: Record<string, ObservedResource> = {};
  for (const entry of searchEntries) {
    const name = one(entry, 'cn');
    const wanted = desired.find((resource) => resource.kind === 'account' && resource.name === name);
    const inForce = !wanted || holdsPassword(entry, wanted.spec as BindSpec, reach);
    found[keyOf({ kind: 'account', name })] = {
      fingerprint: inForce ? one(entry, 'description').slice(MARK.length) : 'drifted: another password',
    };
  }
  return found;
}

/** Compares with the hash, which is cheap and needs no bind. A value the store has lost counts as another. */
function holdsPassword(entry: Entry, spec: BindSpec, reach: Reach): boolean {
  try {
    return isHashOf(one(entry, 'userPassword'), reach.reveal(spec.password));
  } catch (error) {
    if (error instanceof Transient) return false;
    throw error;
  }
}

/** Leaves an entry without our mark alone: PersonFault where it stands in the way. */
export async function applyBind(directory: Directory, reach: Reach, change: Change): Promise<void> {
  const { client, base } = directory;
  const dn = `cn=${change.name},ou=services,${base}`;
  if (change.action === 'delete') {
    if (await isOurs(directory, dn)) await client.del(dn);
    return;
  }
  const spec = change.spec as BindSpec;
  const values = {
    description: `${MARK}${change.fingerprint ?? fingerprint(spec)}`,
    userPassword: hashSecret(reach.reveal(spec.password)),
  };
  try {
    const objectClass = ['applicationProcess', 'simpleSecurityObject'];
    await client.add(dn, { objectClass, cn: change.name, ...values });
  } catch (error) {
    if (!refusedWith(error, ENTRY_ALREADY_EXISTS)) throw error;
    if (!(await isOurs(directory, dn))) throw notOurs(dn);
    await client.modify(dn, Object.entries(values).map(replace));
  }
}

async function isOurs({ client }: Directory, dn: string): Promise<boolean> {
  try {
    const { searchEntries } = await client.search(dn, { scope: 'base', attributes: ['description'] });
    return searchEntries.some((entry) => one(entry, 'description').startsWith(MARK));
  } catch (error) {
    if (refusedWith(error, NO_SUCH_OBJECT)) return false;
    throw error;
  }
}

function notOurs(dn: string): PersonFault {
  const message = `expected no entry of this name; got one that Allod did not make; try removing it or giving the service another id`;
  return new PersonFault({ where: dn, message });
}

function replace([type, value]: [string, string]): Edit {
  return new Edit({ operation: 'replace', modification: new Attribute({ type, values: [value] }) });
}

/** First value of an attribute, '' where there is none. */
function one(entry: Entry, name: string): string {
  const value = entry[name];
  return String((Array.isArray(value) ? value[0] : value) ?? '');
}
