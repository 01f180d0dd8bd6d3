import { storeOf } from './store.ts';

/** The question to a person who they are, while it is open: one for all calls that wait for it. */
export interface Proving {
  promise: Promise<boolean>;
  settle(proved: boolean): void;
}

export const proving = storeOf<Proving | undefined>(undefined);

/** Opens the dialog; false where the person closes it. */
export function prove(): Promise<boolean> {
  const open = proving.get();
  if (open) return open.promise;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  proving.set({
    promise,
    settle(proved) {
      proving.set(undefined);
      resolve(proved);
    },
  });
  return promise;
}
