import { useState } from 'react';
import { type ApiError, errorOf } from './api.ts';

export interface Doing {
  busy: boolean;
  error?: ApiError;
  /** Does nothing while it is busy. Whether it went well; where not, `error` says why. */
  run(work: () => Promise<unknown>): Promise<boolean>;
  clear(): void;
}

/** One thing at a time that a person asked for. */
export function useDoing(): Doing {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  return {
    busy,
    ...(error ? { error } : {}),
    clear: () => setError(undefined),
    async run(work) {
      if (busy) return false;
      setBusy(true);
      setError(undefined);
      try {
        await work();
        return true;
      } catch (thrown) {
        setError(errorOf(thrown));
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}
