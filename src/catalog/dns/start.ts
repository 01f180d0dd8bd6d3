/**
 * Start of the container; first argument: the domain. A new volume gets its zone before the server
 * answers, so that the first answer is authoritative. Interrupted between making the zone and
 * filling it, the next start finds it empty and fills it.
 */
export const start = `#!/bin/sh
set -eu
if ! pdnsutil --config-dir=/etc/allod/live list-zone "$1" 2>/dev/null | grep -q IN; then
  pdnsutil --config-dir=/etc/allod/live load-zone "$1" /etc/allod/live/zone
fi
exec pdns_server --config-dir=/etc/allod/live
`;
