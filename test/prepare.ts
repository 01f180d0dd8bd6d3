import { ensurePackages } from '../src/host/packages.ts';

/** What the tests run on the host beside the program itself: independent clients. */
const clients = [
  { name: 'bind9-dnsutils', why: 'ask the name server (dig, delv)' },
  { name: 'curl', why: 'fetch pages over either family' },
  { name: 'ldap-utils', why: 'ask the directory' },
  { name: 'postgresql-client', why: 'ask the database' },
  { name: 'chromium', why: 'sign in as a person does' },
  { name: 'netcat-openbsd', why: 'knock at ports that must be closed' },
  { name: 'wrk', why: 'load the edge' },
  { name: 'knot', why: 'be the zones above a site on loopback' },
  { name: 'unbound', why: 'validate as a resolver outside does' },
  { name: 'pebble', why: 'be a certificate authority (ACME) on loopback' },
];

await ensurePackages((line) => process.stdout.write(`${line}\n`), clients);
