import type { Probe } from '../../model/pod.ts';
import { PROBE_ROLE } from './server.ts';

/**
 * Healthy as pg_isready sees it: the server asks for a password (AuthenticationSASL), or says that all
 * connections are taken (53300). A server that starts, stops or recovers answers 57P03.
 */
export const accepting: Probe = {
  kind: 'exchange',
  port: 5432,
  send: startupMessage(PROBE_ROLE, 'postgres'),
  expect: '^52[0-9a-f]{8}0000000a|^45(..)*0043353333303000',
};

/** PostgreSQL protocol 3.0 StartupMessage (chapter 53.7), in hex. */
function startupMessage(user: string, database: string): string {
  const body = Buffer.from(`\0\x03\0\0user\0${user}\0database\0${database}\0\0`, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([length, body]).toString('hex');
}
