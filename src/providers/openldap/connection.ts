import { Attribute, Change, Client, type Entry, ResultCodeError } from 'ldapts';
import { siteCa } from '../../model/certificate.ts';
import type { Reach } from '../../model/provider.ts';
import { secretRef } from '../../model/secret.ts';
import { baseDn } from '../../util/dn.ts';
import { messageOf, Transient } from '../../util/errors.ts';

/** Result codes (RFC 4511 appendix A.2) that are handled by name. */
export const NO_SUCH_ATTRIBUTE = 16;
export const ATTRIBUTE_OR_VALUE_EXISTS = 20;
export const NO_SUCH_OBJECT = 32;
export const ENTRY_ALREADY_EXISTS = 68;
/** Time limit, busy, unavailable, unwilling, other; and a wrong admin password: the pod has yet to restart. */
const PASSING = [3, 49, 51, 52, 53, 80];

const ADMIN_PASSWORD = secretRef('directory/admin-password');
const TIMEOUT = 5_000;

/** A connection as the directory's administrator, TLS checked against the site CA. */
export interface Directory {
  client: Client;
  base: string;
}

/**
 * Opens a connection, does the work and closes it.
 * Throws Transient where the directory is away, still starting, or knows another admin password.
 */
export async function withDirectory<T>(reach: Reach, work: (directory: Directory) => Promise<T>): Promise<T> {
  const base = baseDn(reach.domain);
  const client = clientTo(reach);
  const password = reach.reveal(ADMIN_PASSWORD);
  try {
    await client.bind(`cn=admin,${base}`, password);
    return await work({ client, base });
  } catch (error) {
    throw sorted(error);
  } finally {
    await client.unbind().catch(() => {}); // it may be gone already; the work's own error tells
  }
}

/** Not connected yet: the first operation does that. TLS is checked against the site CA. */
export function clientTo(reach: Reach): Client {
  return new Client({
    url: `ldaps://[${reach.address}]:636`,
    connectTimeout: TIMEOUT,
    timeout: TIMEOUT,
    tlsOptions: { ca: reach.reveal(siteCa), servername: `directory.${reach.domain}` },
  });
}

/** Whether the server refused an operation with this result code. */
export function refusedWith(error: unknown, code: number): boolean {
  return error instanceof ResultCodeError && error.code === code;
}

/** All values of an attribute; an entry that holds one has it bare. */
export function valuesOf(entry: Entry, attribute: string): string[] {
  return [entry[attribute] ?? []].flat().map(String);
}

/** A change of an entry: an attribute has these values and no others; none takes it away. */
export function replacing(type: string, values: string[]): Change {
  return new Change({ operation: 'replace', modification: new Attribute({ type, values }) });
}

/** Marks what may pass by itself. Faults of a person, other answers of the server and bugs stay as they are. */
export function sorted(error: unknown): unknown {
  if (error instanceof ResultCodeError) {
    if (!PASSING.includes(error.code)) return error;
    return new Transient(`directory: answered ${error.name} (result code ${error.code})`, { cause: error });
  }
  return isConnectionError(error) ? new Transient(`directory: ${messageOf(error)}`, { cause: error }) : error;
}

/** The client has no class of its own for these: system and TLS errors carry a code, its own only words. */
function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof TypeError) return false;
  return (
    'code' in error || /^(Connection (timeout|closed)|Socket |\w+: Operation timed out)/.test(error.message)
  );
}
