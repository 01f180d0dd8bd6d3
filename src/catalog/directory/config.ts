import { type Content, text } from '../../model/files.ts';
import type { SecretRef } from '../../model/secret.ts';
import { baseDn } from '../../util/dn.ts';
import { SHORTEST_PASSWORD } from '../../util/password-rule.ts';

/**
 * slapd.conf(5). People see themselves and change their own password; services read people and groups
 * but no password, and find their own app passwords; who is bound with an app password may do nothing; a stranger
 * gets the root DSE and may try to bind; everything else is for the rootdn.
 *
 * An entry with `pwdEndTime`, of a person or a device, is there for nobody else, and who is removed neither: not even
 * to sign in. The overlay alone would still show them to a service that checks no password.
 */
export function slapdConf(base: string, admin: SecretRef): Content {
  return text`include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload argon2 m=19456 t=2 p=1
moduleload pw-sha2
moduleload ppolicy

# A hash in the making takes 19 MiB; the number of threads bounds how many there are at once.
threads 4
idletimeout 300
password-hash {ARGON2}

access to dn.base="" by * read
access to dn.base="cn=Subschema" by users read

database mdb
suffix "${base}"
rootdn "cn=admin,${base}"
rootpw "${admin}"
directory /var/lib/ldap
maxsize 1073741824
index objectClass,uid,cn,mail,member eq
sizelimit 5000
# When a password was last good, written down at most every five minutes.
lastbind on
lastbind-precision 300

overlay ppolicy
ppolicy_default "cn=password-policy,${base}"
ppolicy_hash_cleartext

access to filter="(pwdEndTime=*)" by * none
access to dn.subtree="ou=removed,${base}" by * none
# A group wants one member at least: nobody is in each, and no service meets it.
access to dn.subtree="ou=groups,${base}" attrs=member val="cn=nobody,${base}" by * none
access to dn.subtree="ou=apps,${base}" attrs=userPassword
  by anonymous auth
access to dn.regex="^(.+,)?ou=([^,]+),ou=apps,${base}$" attrs=entry,objectClass,ou,cn,uid
  by dn.exact,expand="cn=$2,ou=services,${base}" read
access to dn.subtree="ou=apps,${base}" by * none
access to attrs=pwdLastSuccess
  by self read
access to attrs=userPassword,pwdHistory
  by self =xw
  by anonymous auth
access to dn.subtree="ou=people,${base}"
  by self read
  by dn.onelevel="ou=services,${base}" read
access to dn.subtree="ou=groups,${base}"
  by dn.onelevel="ou=services,${base}" read
access to dn.base="${base}" attrs=entry
  by dn.onelevel="ou=services,${base}" search
`;
}

/** LDIF of the entries that are always there; new ones go to the end (see start.ts). */
export function baseTree(domain: string): Content {
  const base = baseDn(domain);
  const units = ['people', 'groups', 'services'].map((unit) => unitOf(unit, base));
  const later = ['apps', 'removed'].map((unit) => unitOf(unit, base));
  return text`${[root(domain), ...units, passwordPolicy(base), ...later].join('\n')}`;
}

function unitOf(unit: string, base: string): string {
  return `dn: ou=${unit},${base}\nobjectClass: organizationalUnit\nou: ${unit}\n`;
}

function root(domain: string): string {
  return `dn: ${baseDn(domain)}
objectClass: dcObject
objectClass: organization
o: ${domain}
dc: ${domain.split('.')[0] ?? domain}
`;
}

/** What a person's own choice must meet. No lock-out: it would let anybody shut a person out. */
function passwordPolicy(base: string): string {
  return `dn: cn=password-policy,${base}
objectClass: organizationalRole
objectClass: pwdPolicy
cn: password-policy
pwdAttribute: userPassword
pwdCheckQuality: 2
pwdMinLength: ${SHORTEST_PASSWORD}
pwdAllowUserChange: TRUE
`;
}
