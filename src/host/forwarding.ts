import { readFile, writeFile } from 'node:fs/promises';

/** Route flags of linux/ipv6_route.h and linux/route.h. */
const RTF_GATEWAY = 0x2;
const RTF_ADDRCONF = 0x40000;

/**
 * Lets this machine forward both families. An interface that learned its default route from a router
 * advertisement would lose it at that moment (`accept_ra` 1 means "unless forwarding",
 * Documentation/networking/ip-sysctl.rst of Linux), so such interfaces are told to keep listening first.
 * Returns the settings that were changed, as `net.ipv6.conf.eth0.accept_ra = 2`.
 */
export async function enableForwarding(): Promise<string[]> {
  const changed: (string | undefined)[] = [];
  for (const name of await advertisedInterfaces())
    if ((await read(`ipv6/conf/${name}/accept_ra`)) === '1')
      changed.push(await set(`ipv6/conf/${name}/accept_ra`, '2'));
  changed.push(await set('ipv4/ip_forward', '1'), await set('ipv6/conf/all/forwarding', '1'));
  return changed.filter((line) => line !== undefined);
}

/** Interfaces with a default route that the kernel took from a router advertisement. */
async function advertisedInterfaces(): Promise<string[]> {
  const table = await readFile('/proc/net/ipv6_route', 'utf8').catch(() => '');
  return routersOf(table);
}

/** Interfaces of the default routes in the text of /proc/net/ipv6_route that carry the mark of an advertisement. */
export function routersOf(table: string): string[] {
  const names = new Set<string>();
  for (const line of table.split('\n')) {
    const [target, length, , , , , , , flags = '0', name = ''] = line.trim().split(/\s+/);
    const learned = RTF_GATEWAY | RTF_ADDRCONF;
    if (/^0+$/.test(target ?? '') && length === '00' && (Number.parseInt(flags, 16) & learned) === learned)
      names.add(name);
  }
  return [...names];
}

async function read(path: string): Promise<string> {
  return (await readFile(`/proc/sys/net/${path}`, 'utf8')).trim();
}

async function set(path: string, value: string): Promise<string | undefined> {
  if ((await read(path)) === value) return undefined;
  await writeFile(`/proc/sys/net/${path}`, value);
  return `net.${path.replaceAll('/', '.')} = ${value}`;
}
