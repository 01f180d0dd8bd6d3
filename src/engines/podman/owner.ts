import { PersonFault } from '../../util/errors.ts';
import { type Podman, siteLabel } from './podman.ts';

/** On each pod: the state directory it belongs to. */
export const STATE_LABEL = 'allod.state';

/**
 * Touch only what is ours: throws PersonFault where pods of this domain belong to another state directory,
 * as when `ALLOD_STATE` was set once and is not now.
 */
export async function assertOwn(podman: Podman, domain: string, root: string): Promise<void> {
  const filter = `label=${siteLabel(domain)}`;
  const json = await podman(['pod', 'ps', '--format', 'json', '--filter', filter]);
  const owners = (JSON.parse(json) as { Labels: Record<string, string> | null }[])
    .map((pod) => pod.Labels?.[STATE_LABEL] ?? root)
    .filter((owner) => owner !== root);
  const [other] = owners;
  if (!other) return;
  const state = other.slice(0, -domain.length - 1);
  throw new PersonFault({
    where: domain,
    message: `expected no other site of this name on this machine; got one that keeps its state in ${other}; try ALLOD_STATE=${state}, or another domain`,
  });
}
