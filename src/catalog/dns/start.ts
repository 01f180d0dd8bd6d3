/**
 * Start of the container; first argument: the domain. A new volume gets its zone before the server
 * answers, so that the first answer is authoritative. Interrupted between making the zone and
 * filling it, the next start finds it empty and fills it. The shell stays as process 1, because the
 * server leaves SIGTERM to the kernel, which ignores it for process 1.
 */
export const start = `#!/bin/sh
set -u
if ! pdnsutil --config-dir=/etc/allod/live list-zone "$1" 2>/dev/null | grep -q IN; then
  pdnsutil --config-dir=/etc/allod/live load-zone "$1" /etc/allod/live/zone || exit 1
fi
pdns_server --config-dir=/etc/allod/live &
trap 'kill $!' TERM
wait $!
code=$?
wait $!
exit $code
`;
