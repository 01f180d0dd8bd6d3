import { endianness } from 'node:os';
import type { Protocol } from '../model/pod.ts';

/** A socket that takes connections or datagrams on a port of this machine. */
export interface Socket {
  address: string;
  port: number;
  inode: number;
}

/** State TCP_LISTEN in the `st` column. */
const LISTEN = '0A';
/** State of a UDP socket that is bound and not connected to one peer. */
const UNCONNECTED = '07';

/** Sockets that hold a port, from the text of /proc/net/tcp, tcp6, udp or udp6: proc_pid_net(5). */
export function parseSockets(table: string, protocol: Protocol): Socket[] {
  const wanted = protocol === 'tcp' ? LISTEN : UNCONNECTED;
  const rows = table.split('\n').slice(1);
  return rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode] = row.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    if (state !== wanted) return [];
    return { address: parseAddress(address), port: Number.parseInt(port, 16), inode: Number(inode) };
  });
}

/** The kernel prints addresses as 32-bit words, each in the byte order of the machine. */
function parseAddress(hex: string): string {
  const words = hex.toLowerCase().match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => {
    const four = word.match(/../g) ?? [];
    return endianness() === 'LE' ? four.reverse() : four;
  });
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  const groups = (bytes.join('').match(/.{4}/g) ?? []).join(':');
  const canonical = new URL(`http://[${groups}]`).hostname.slice(1, -1);
  const mapped = groups.startsWith('0000:0000:0000:0000:0000:ffff:');
  return mapped ? parseAddress(words[3] ?? '') : canonical;
}

/** Whether a socket bound to `bound` can keep another from binding `wanted`, on the same port. */
export function overlaps(bound: string, wanted: string): boolean {
  if (bound === wanted || wanted === '::') return true;
  // Most that bind `::` take IPv4 as well; the table does not say whether this one does.
  if (bound === '::') return true;
  return !bound.includes(':') && !wanted.includes(':') && (bound === '0.0.0.0' || wanted === '0.0.0.0');
}
