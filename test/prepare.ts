import { existsSync } from 'node:fs';
import { ensurePackages, missingPackages } from '../src/host/packages.ts';
import { exec } from '../src/util/exec.ts';

/** What the tests run on the host beside the program itself: independent clients. */
const clients = [
  { name: 'bind9-dnsutils', why: 'ask the name server (dig, delv)' },
  { name: 'bind9-utils', why: 'verify a signed zone (dnssec-verify)' },
  { name: 'curl', why: 'fetch pages over either family' },
  { name: 'ldap-utils', why: 'ask the directory' },
  { name: 'postgresql-client', why: 'ask the database' },
  { name: 'chromium', why: 'sign in as a person does' },
  { name: 'netcat-openbsd', why: 'knock at ports that must be closed' },
  { name: 'wrk', why: 'load the edge' },
  { name: 'knot', why: 'be the zones above a site on loopback' },
  { name: 'unbound', why: 'validate as a resolver outside does' },
  { name: 'pebble', why: 'be a certificate authority (ACME) on loopback' },
  { name: 'knot', why: 'be the name servers of an internet of the tests (Knot DNS)' },
  { name: 'unbound', why: 'be the resolver there' },
  { name: 'faketime', why: 'let a name server live through weeks' },
  { name: 'zonemaster-cli', why: 'judge zones' },
  { name: 'dnsviz', why: 'judge chains of trust' },
  { name: 'python3-pygraphviz', why: 'run dnsviz, which only recommends it' },
];

// Debian starts servers as it installs them; the tests start their own, in namespaces.
const servers = (await missingPackages(clients)).map(({ name }) => name);
const started = servers.filter((name) => name === 'knot' || name === 'unbound');
if (started.length > 0 && existsSync('/run/systemd/system')) await exec(['systemctl', 'mask', ...started]);

await ensurePackages((line) => process.stdout.write(`${line}\n`), clients);
