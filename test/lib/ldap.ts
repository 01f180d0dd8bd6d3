import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecError, exec } from '../../src/util/exec.ts';

/** Where ldapsearch(1) connects, and as whom. */
export interface LdapAccess {
  /** Name in the certificate. */
  host: string;
  /** Literal IPv6 to connect to. */
  address: string;
  /** Path of the CA to trust, PEM. */
  ca: string;
  /** Anonymous unless given. */
  bind?: { dn: string; password: string };
}

export interface LdapAnswer {
  /** Result code (RFC 4511 appendix A.1): 0 success, 32 no such object, 49 wrong name or password. */
  code: number;
  /** Entries as LDIF, lines not wrapped. */
  ldif: string;
}

/**
 * Asks with OpenLDAP's own client. The name comes from a hosts file that only this process sees, so that
 * the certificate is checked against it; needs root, `unshare` and `ldapsearch`.
 */
export function ldapSearch(access: LdapAccess, base: string, ...args: string[]): Promise<LdapAnswer> {
  return run(access, (connect) => [
    'ldapsearch',
    '-LLL',
    '-o',
    'ldif-wrap=no',
    ...connect,
    '-b',
    base,
    ...args,
  ]);
}

/** Changes entries as `ldif` says (ldif(5), `changetype:` records). */
export function ldapModify(access: LdapAccess, ldif: string): Promise<LdapAnswer> {
  return run(access, (connect, file) => ['ldapmodify', ...connect, '-f', file('ldif')], { ldif });
}

/** Runs one of OpenLDAP's clients; `connect`: arguments that say where to, and as whom. */
function run(
  access: LdapAccess,
  command: (connect: string[], file: (name: string) => string) => string[],
  more: Record<string, string> = {},
): Promise<LdapAnswer> {
  const { dn = '', password = '' } = access.bind ?? {};
  const files = { hosts: `${access.address} ${access.host}\n`, password, ...more };
  return withFiles(files, async (file) => {
    const bind = dn ? ['-D', dn, '-y', file('password')] : [];
    const connect = ['-x', '-o', 'nettimeout=5', '-H', `ldaps://${access.host}`, ...bind];
    const argv = command(connect, file);
    const script = 'mount --bind "$1" /etc/hosts && shift && exec "$@"';
    try {
      const ldif = await exec(['unshare', '-m', 'sh', '-c', script, 'sh', file('hosts'), ...argv], {
        env: { LDAPTLS_CACERT: access.ca, LDAPTLS_REQCERT: 'demand' },
        timeout: 20_000,
      });
      return { code: 0, ldif };
    } catch (error) {
      // 255 is the client's own: no connection, no trust in the certificate.
      if (error instanceof ExecError && error.code && error.code < 255) return { code: error.code, ldif: '' };
      throw error;
    }
  });
}

async function withFiles<T>(
  files: Record<string, string>,
  work: (file: (name: string) => string) => Promise<T>,
) {
  const folder = mkdtempSync(join(tmpdir(), 'allod-ldap-'));
  const file = (name: string) => join(folder, name);
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(file(name), content, { mode: 0o600 });
    return await work(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
