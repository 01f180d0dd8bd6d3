import { type Content, text } from '../../model/files.ts';
import type { SecretRef } from '../../model/secret.ts';
import type { Secondary } from '../../model/site.ts';

/** Port of the REST API; only this machine may reach it. */
export const API_PORT = 8081;
export const DATABASE = '/var/lib/dns';

/**
 * pdns.conf (https://doc.powerdns.com/authoritative/settings.html).
 * `secondaries`: who else may have the zones. It listens on every address of the pod, so a second prefix or a slow duplicate-address check needs no restart.
 */
export function pdnsConf(apiKey: SecretRef, gateway: string, secondaries: Secondary[]): Content {
  return text`launch=lmdb
lmdb-filename=${DATABASE}/pdns.lmdb
# One file per shard; the number of shards can't be changed later, and one site needs no more.
lmdb-shards=1
# MiB of address space, not of memory or disk: room for more than a million records.
lmdb-map-size=1024
lmdb-sync-mode=sync

local-address=0.0.0.0, ::
receiver-threads=2
reuseport=yes
distributor-threads=1
${transfers(secondaries)}

api=yes
api-key=${apiKey}
webserver-address=::
webserver-port=${API_PORT}
webserver-allow-from=${gateway}
webserver-max-bodysize=64
webserver-connection-timeout=60
webserver-loglevel=none

# The serial moves with the signatures, so that a secondary never serves old ones.
default-soa-edit-signed=INCEPTION-INCREMENT
# The parent may read from the zone which key it should know (RFC 7344). 2: SHA-256.
default-publish-cds=2
default-publish-cdnskey=1

version-string=anonymous
server-id=disabled
# No call to anybody's service.
security-poll-suffix=
socket-dir=/run/pdns
daemon=no
guardian=no
write-pid=no
disable-syslog=yes
log-timestamp=no
loglevel=4
`;
}

/**
 * Who may fetch zones (RFC 5936), and is told that they changed (RFC 1996): these addresses and no others, also not those
 * that names of NS records lead to. A changed serial is looked for every few seconds.
 */
function transfers(secondaries: Secondary[]): string {
  const addresses = secondaries.flatMap((secondary) => secondary.addresses).join(', ');
  if (addresses === '') return 'disable-axfr=yes';
  return `primary=yes
allow-axfr-ips=${addresses}
only-notify=
also-notify=${addresses}
xfr-cycle-interval=5`;
}
