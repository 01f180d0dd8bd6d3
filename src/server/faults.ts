import type { Converged } from '../reconcile/converge.ts';
import { Deferred } from '../util/errors.ts';
import type { UpAnswer } from './api.ts';

/** What could not be made true, or not even be seen. */
export function faultsOf({ faults, unknown }: Converged): UpAnswer['faults'] {
  if (faults.size > 0)
    return [...faults.values()].map(({ change: { key, service }, fault }) => ({
      ...{ key, service },
      text: fault?.text ?? '',
      ...(fault?.error instanceof Deferred ? { deferred: true as const } : {}),
    }));
  return Object.entries(unknown).map(([kind, why]) => ({
    ...{ key: kind, service: 'site' },
    text: `cannot be looked at: ${why}`,
  }));
}
