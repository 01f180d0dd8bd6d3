import { readFile, writeFile } from 'node:fs/promises';

/**
 * Lets packets with an address of 127.0.0.0/8 leave over the bridge (`route_localnet`, ip-sysctl.rst of Linux): a site that
 * listens on the loopback alone leads its ports to pods.
 */
export async function setLoopbackRoute(bridge: string): Promise<void> {
  const path = `/proc/sys/net/ipv4/conf/${bridge}/route_localnet`;
  if ((await readFile(path, 'utf8')).trim() !== '1') await writeFile(path, '1');
}
