import type { ServiceState, ServiceStatus, Status, StatusFinding } from '../model/status.ts';
import type { DesiredService } from '../plan/desired.ts';
import type { Converged } from './converge.ts';
import { deferredOf, faultOf } from './fault-of.ts';
import type { Health } from './health.ts';

/** What a person is shown of one service. `starting`: seconds since its pod was asked to run are few. */
export function serviceStatus(
  service: DesiredService,
  health: Health,
  last: Converged | undefined,
): ServiceStatus {
  const known = health.of(service.id);
  const fault = faultOf(service.id, last);
  const reason = fault ?? (known?.healthy ? deferredOf(service.id, last) : known?.answer);
  return {
    id: service.id,
    title: service.title,
    state: stateOf(service, known, fault),
    since: known?.since ?? Date.now(),
    url: service.url ?? null,
    host: service.host,
    ipv6: service.addresses.ipv6[0] ?? null,
    ipv4: service.addresses.ipv4[0] ?? null,
    memoryBytes: known?.memory ?? null,
    ...(reason === undefined ? {} : { reason }),
  };
}

function stateOf(service: DesiredService, known: ReturnType<Health['of']>, fault?: string): ServiceState {
  if (fault) return 'failed';
  if (!known) return 'starting'; // not looked at yet
  if (!known.exists) return 'stopped';
  if (known.healthy) return 'healthy';
  return Date.now() - known.since < service.pod.startSeconds * 1000 ? 'starting' : 'unhealthy';
}

export function siteStatus(
  domain: string,
  services: ServiceStatus[],
  daemon: Status['daemon'],
  stateHash: string,
  findings: StatusFinding[] = [],
): Status {
  const healthy = services.length > 0 && services.every((service) => service.state === 'healthy');
  return { domain, healthy, daemon, services, findings, stateHash };
}

/** What could not be made true and belongs to no service. */
export function siteFindings(last: Converged | undefined): StatusFinding[] {
  const faults = [...(last?.faults.values() ?? [])].filter(({ change }) => change.kind === 'host-files');
  return faults.map(({ change: { key, name }, fault: { text } = { text: '' } }) => ({
    id: key,
    text: text.startsWith(name) ? text : `${name}: ${text}`,
    remedy: './allod up, once that is mended',
  }));
}
