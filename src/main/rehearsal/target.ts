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
      const page = pageOf(host, services);
      const how = howOf(port, protocol, page !== undefined);
      const name = `${host} ${port}/${protocol}`;
      if (how) targets.set(name, { name, host, port, how, path: page ?? '/' });
    }
  return [...targets.values()];
}

function howOf(port: number, protocol: Exposure['protocol'], isWeb: boolean): Target['how'] | undefined {
  if (port === 53) return protocol === 'udp' ? 'dns' : 'dns-tcp';
  if (protocol === 'udp') return undefined;
  if (port === 443 && isWeb) return 'https';
  return port === 80 ? 'http' : 'connect';
}

/** Path of the page by which it is seen that a web host serves, which needs no sign-on; undefined where it is none. */
function pageOf(host: string, services: DesiredService[]): string | undefined {
  const probes = services.map(({ pod }) => pod.probe);
  const probe = probes.find((one) => one.kind === 'https' && one.host === host);
  if (probe?.kind === 'https') return probe.path;
  return services.some(({ url }) => url?.startsWith(`https://${host}/`)) ? '/' : undefined;
}

/** Addresses of the site's name server, as its registrar has them: IPv6 first. */
export function nameServersOf(exposures: Exposure[]): string[] {
  const servers = exposures.filter(({ port }) => port === 53).flatMap(({ addresses }) => addresses);
  return [...new Set(servers.map(({ address }) => address))];
}
