/**
 * Puts the base tree in place, then becomes slapd. Every entry is a transaction of its own and slapadd
 * passes over those that exist, so a start that was killed half way is finished by the next one; the
 * last entry being there means that all are.
 */
export const start = `#!/bin/sh
set -eu
conf=/etc/allod/live/slapd.conf
base=/etc/allod/live/base.ldif
last=$(sed -n 's/^dn: //p' "$base" | tail -n 1)

has_last() {
  slapcat -f "$conf" -o ldif-wrap=no -s "$last" 2>/dev/null | grep -qiFx "dn: $last"
}

if ! has_last; then
  said=$(slapadd -c -f "$conf" -l "$base" 2>&1) || true
  if ! has_last; then
    printf '%s\\n' "$said" >&2
    exit 1
  fi
fi

# Hashing takes 19 MiB at a time; blocks of that size go back to the machine when they are freed.
export MALLOC_MMAP_THRESHOLD_=1048576
# "-d none" keeps slapd in the foreground and lets only what is wrong onto standard error.
exec slapd -d none -f "$conf" -h ldap://127.0.0.1:389/
`;
