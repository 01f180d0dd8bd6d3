import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer, isIPv4 } from 'node:net';
import type { Protocol } from '../model/pod.ts';
import type { HostPort } from '../model/reach.ts';
import { type Fault, PersonFault } from '../util/errors.ts';
import { overlaps, parseSockets, type Socket } from './socket-table.ts';

/** A process that has a port open. */
export interface Holder {
  pid: number;
  /** As in proc_pid_comm(5): `nginx`. For a published port of a container, `container NAME`. */
  name: string;
  /** The address it is bound to, which may be the wildcard `0.0.0.0` or `::`. */
  address: string;
}

/**
 * Who has a port of this machine open, on the address or on one that takes it in. Undefined where nobody
 * has, or where the process cannot be seen from here; root sees all of its network namespace.
 */
export async function holderOf(ip: string, port: number, protocol: Protocol): Promise<Holder | undefined> {
  const sockets = await openSockets(protocol);
  for (const { address, inode } of sockets.filter((one) => one.port === port && overlaps(one.address, ip))) {
    const pid = await ownerOf(inode);
    if (pid !== undefined) return { pid, name: await nameOf(pid), address };
  }
  return undefined;
}

/**
 * Tries each port by binding it for an instant.
 * @throws PersonFault with all that are taken: who holds each, and what to do.
 */
export async function assertFree(ports: HostPort[]): Promise<void> {
  const faults: Fault[] = [];
  for (const port of ports) {
    if (!(await isTaken(port))) continue;
    const holder = await holderOf(port.ip, port.port, port.protocol);
    faults.push({ where: `port ${port.port}/${port.protocol}`, message: held(port, holder) });
  }
  if (faults.length > 0) throw new PersonFault(faults);
}

function held({ ip, port }: HostPort, holder: Holder | undefined): string {
  const who = holder ? `${holder.name} (pid ${holder.pid})` : 'a process that cannot be seen from here';
  const on = holder && holder.address !== ip ? `, on ${holder.address}` : '';
  return `expected port ${port} of ${ip} to be free; it is held by ${who}${on}; stop that or set network.ipv4.listen to another address`;
}

/** Whether binding fails because somebody else has it; any other failure is not for here to judge. */
async function isTaken({ ip, port, protocol }: HostPort): Promise<boolean> {
  const socket = protocol === 'tcp' ? createServer() : createSocket(isIPv4(ip) ? 'udp4' : 'udp6');
  try {
    if ('bind' in socket) socket.bind({ address: ip, port, exclusive: true });
    else socket.listen({ host: ip, port, exclusive: true });
    await once(socket, 'listening');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  }
  socket.close();
  await once(socket, 'close');
  return false;
}

async function nameOf(pid: number): Promise<string> {
  const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a process that just ended')).trim();
  // podman leaves published ports open in conmon, which says in its arguments whose they are.
  const container = argv[argv.indexOf('-n') + 1];
  return name === 'conmon' && container ? `container ${container}` : name;
}

async function openSockets(protocol: Protocol): Promise<Socket[]> {
  const tables = await Promise.all(
    // Without IPv6 in the kernel the second table is not there.
    [protocol, `${protocol}6`].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  return tables.flatMap((table) => parseSockets(table, protocol));
}

async function ownerOf(inode: number): Promise<number | undefined> {
  const wanted = `socket:[${inode}]`;
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    // A process may end while it is looked at, or belong to somebody else.
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      if ((await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')) === wanted) return Number(pid);
    }
  }
  return undefined;
}
