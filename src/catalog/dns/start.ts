import { SERIAL } from './zone.ts';

/**
 * Start of the container; first argument: the domain. A new volume gets its zone, and a zone without a key the site's,
 * before the server answers: so the first answer is authoritative and signed, also where the volume was lost and the
 * parent still knows the key. Interrupted anywhere, the next start does what is missing. A serial is the day and the
 * quarter of an hour in it, so that one made anew is later. The shell stays as process 1, because the server leaves
 * SIGTERM to the kernel, which ignores it for process 1.
 */
export const start = `#!/bin/sh
set -u
live=/etc/allod/live
pdnsutil() { command pdnsutil --config-dir=$live "$@"; }
if ! pdnsutil list-zone "$1" 2>/dev/null | grep -q IN; then
  serial=$(date -u +%Y%m%d)$(printf %02d $(($(date -u +%s) % 86400 / 900 + 1)))
  sed "s/ ${SERIAL} / $serial /" $live/zone >/run/pdns/zone
  pdnsutil load-zone "$1" /run/pdns/zone || exit 1
fi
if ! pdnsutil list-keys "$1" 2>/dev/null | grep -q "^$1"; then
  pdnsutil import-zone-key "$1" $live/zone-key ksk active published || exit 1
fi
if pdnsutil show-zone "$1" 2>/dev/null | grep -q 'Zone has NSEC semantics'; then
  pdnsutil set-nsec3 "$1" '1 0 0 -' || exit 1
  pdnsutil rectify-zone "$1" || exit 1
fi
pdns_server --config-dir=$live &
trap 'kill $!' TERM
wait $!
code=$?
wait $!
exit $code
`;
