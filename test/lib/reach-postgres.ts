/**
 * Run where the question is asked from (a pod's or a namespace's network):
 * `node reach-postgres.ts <address> <name in the certificate> <ca file> tls|plain`.
 * Prints the SQLSTATE the server answers a wrong password with, or the code of the network's error.
 */
import { readFileSync } from 'node:fs';
import pg from 'pg';

const [address = '', servername = '', ca = '', mode] = process.argv.slice(2);
const client = new pg.Client({
  host: address,
  user: 'allod_admin',
  password: 'not the password',
  database: 'postgres',
  ssl: mode === 'tls' && { ca: readFileSync(ca, 'utf8'), servername },
  connectionTimeoutMillis: 2000,
});
client.on('error', () => {});
try {
  await client.connect();
  process.stdout.write('connected');
} catch (error) {
  const { code, message } = error as Error & { code?: string };
  process.stdout.write(code ?? message);
}
process.exit();
