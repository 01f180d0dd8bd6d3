import type { Kind } from '../model/resource.ts';
import { Deferred, HeldBack } from '../util/errors.ts';
import type { Converged } from './converge.ts';

/** Fault of a service: of its own pod, or of something its pod waits for. */
export function faultOf(service: string, result: Converged | undefined): string | undefined {
  return firstOf(service, result, false);
}

/** What could not be done for a service and does not keep it from its work yet. What waits for a yes is told once, of the site. */
export function deferredOf(service: string, result: Converged | undefined): string | undefined {
  return firstOf(service, result, true);
}

function firstOf(service: string, result: Converged | undefined, deferred: boolean): string | undefined {
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
      if (outcome.fault?.error instanceof Deferred !== deferred) continue;
      if (outcome.fault?.error instanceof HeldBack) continue;
      const root = outcome.fault?.blockedBy && result.faults.get(outcome.fault.blockedBy);
      return root
        ? `${root.change.key}: ${root.fault?.text}`
        : `${outcome.change.key}: ${outcome.fault?.text}`;
    }
  return undefined;
}
