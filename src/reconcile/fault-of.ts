import type { Kind } from '../model/resource.ts';
import type { Converged } from './converge.ts';

/** Fault of a service: of its own pod, or of something its pod waits for. */
export function faultOf(service: string, result: Converged | undefined): string | undefined {
  if (!result) return undefined;
  const kinds: Kind[] = [
    'pod',
    'files',
    'volume',
    'login',
    'database',
    'account',
    'zone',
    'record',
    'certificate',
    'secret',
  ];
  for (const kind of kinds)
    for (const outcome of result.faults.values()) {
      if (outcome.change.kind !== kind || outcome.change.service !== service) continue;
      const root = outcome.fault?.blockedBy && result.faults.get(outcome.fault.blockedBy);
      return root
        ? `${root.change.key}: ${root.fault?.text}`
        : `${outcome.change.key}: ${outcome.fault?.text}`;
    }
  return undefined;
}
