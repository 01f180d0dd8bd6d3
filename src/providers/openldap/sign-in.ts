import type { Reach } from '../../model/provider.ts';
import { baseDn } from '../../util/dn.ts';
import { clientTo, refusedWith, sorted } from './connection.ts';
import { dnOfPerson, nameFault } from './person.ts';

/** Result code of a bind with a wrong password, as somebody who is locked or not there (RFC 4511 appendix A.2). */
const INVALID_CREDENTIALS = 49;

/**
 * Whether the directory lets a person in with a password. Throws Transient where it is away. An accent may come as a sign of
 * its own, as from a Mac: every place that sets or checks a password composes it (NFC, RFC 8265 section 4.2.2).
 */
export async function signsIn(reach: Reach, name: string, password: string): Promise<boolean> {
  // A bind without a password is one as nobody, and succeeds (RFC 4513 section 5.1.2).
  if (nameFault(name) || password === '') return false;
  const client = clientTo(reach);
  try {
    await client.bind(dnOfPerson(name, baseDn(reach.domain)), password.normalize('NFC'));
    return true;
  } catch (error) {
    if (refusedWith(error, INVALID_CREDENTIALS)) return false;
    throw sorted(error);
  } finally {
    await client.unbind().catch(() => {}); // it may be gone already
  }
}
