/**
 * /usr/lib/allod/postgres: makes the cluster where there is none, then stands in front of the server.
 *
 * - The cluster is made beside its place and renamed, so a kill at any moment leaves none or a whole one.
 * - A lock on the volume keeps a second server out; with it held, a left-over postmaster.pid is stale.
 * - TERM, which ends a pod, would make PostgreSQL wait for its clients: it is handed on as a fast stop (INT).
 * - HUP re-reads the configuration and certificates, and sets the admin's password again.
 */
export const startScript = `#!/bin/sh
set -eu
umask 077
version=17
home=/var/lib/postgresql
live=/etc/allod/live
bin=/usr/lib/postgresql/$version/bin

exec 9>$home/lock
flock -w 60 9 || { echo 'another server holds this volume' >&2; exit 1; }

if [ ! -d $home/$version ]; then
  rm -rf $home/new
  $bin/initdb --pgdata=$home/new --username=postgres --auth-local=peer --auth-host=reject \\
    --encoding=UTF8 --locale-provider=builtin --locale=C.UTF-8 --data-checksums >/dev/null
  mv $home/new $home/$version
  sync $home
fi
rm -f $home/$version/postmaster.pid

# The password passes through standard input into one statement that no log setting of the session shows.
set_admin() {
  {
    printf '\\\\set password \`cat %s/admin-password\`\\n' $live
    cat /usr/lib/allod/postgres-admin.sql
  } | psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=postgres --username=postgres >/dev/null
}

$bin/postgres -D $home/$version -c config_file=$live/postgresql.conf &
server=$!
trap 'kill -INT $server' TERM INT
trap 'kill -HUP $server; set_admin || true' HUP

until pg_isready --quiet; do
  kill -0 $server 2>/dev/null || break
  sleep 0.1
done
if kill -0 $server 2>/dev/null; then set_admin || kill -INT $server; fi

# A signal ends wait early; only when the server is gone is its code the script's.
while kill -0 $server 2>/dev/null; do
  code=0
  wait $server || code=$?
done
exit $code
`;

/**
 * What the site's own hand in the server may do: make databases and roles, see and end sessions. It is
 * no superuser. It reads password verifiers to see whether a login still has the password it should have.
 */
export const adminSql = `set log_statement = 'none';
set log_min_error_statement = 'panic';
set log_min_duration_statement = -1;
set client_min_messages = 'warning';
begin;
select pg_advisory_xact_lock(10054);
select 'create role allod_admin'
 where not exists (select from pg_roles where rolname = 'allod_admin') \\gexec
alter role allod_admin login createdb createrole nosuperuser noreplication nobypassrls password :'password';
grant pg_monitor, pg_signal_backend, pg_use_reserved_connections to allod_admin;
grant select (oid, rolname, rolpassword) on pg_authid to allod_admin;
revoke connect, temporary on database postgres from public;
grant connect on database postgres to allod_admin;
commit;
`;
