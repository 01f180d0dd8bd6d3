import type { Exposure } from '../../model/exposure.ts';
import type { DesiredService } from '../../plan/desired.ts';

/** Something a client asks again and again. */
export interface Target {
  /** `contacts.example.org 443/tcp`. */
  name: string;
  host: string;
  port: number;
  how: 'https' | 'http' | 'dns' | 'dns-tcp' | 'connect';
  /** Of a page. */
  path: string;
}

/** What of a site is asked: each name at each port, the first one of a range. No other UDP but DNS has an answer known here. */
export function targetsOf(exposures: Exposure[], services: DesiredService[]): Target[] {
  const targets = new Map<string, Target>();
  for (const { hosts, port, protocol } of exposures)
    for (const host of hosts) {
      const how = howOf(port, protocol);
      const name = `${host} ${port}/${protocol}`;
      if (how) targets.set(name, { name, host, port, how, path: pathOf(host, services) });
    }
  return [...targets.values()];
}

function howOf(port: number, protocol: Exposure['protocol']): Target['how'] | undefined {
  if (port === 53) return protocol === 'udp' ? 'dns' : 'dns-tcp';
  if (protocol === 'udp') return undefined;
  return port === 443 ? 'https' : port === 80 ? 'http' : 'connect';
}

/** The page by which it is seen that a service serves, which needs no sign-on. */
function pathOf(host: string, services: DesiredService[]): string {
  for (const { pod } of services)
    if (pod.probe.kind === 'https' && pod.probe.host === host) return pod.probe.path;
  return '/';
}

/** Addresses of the site's name server, as its registrar has them: IPv6 first. */
export function nameServersOf(exposures: Exposure[]): string[] {
  const servers = exposures.filter(({ port }) => port === 53).flatMap(({ addresses }) => addresses);
  return [...new Set(servers.map(({ address }) => address))];
}
