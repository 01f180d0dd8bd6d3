import { messageOf } from '../util/errors.ts';
import type { Account, Directory } from './directory.ts';
import type { Settings } from './settings.ts';

/** Who is who now, without asking the directory at every request. */
export interface People {
  /** Undefined where the person is gone or disabled. `age`: how old the knowledge may be, in ms. Throws Transient. */
  find(id: string, age?: number): Promise<Account | undefined>;
  /** Something of the person was changed. */
  forget(id: string): void;
}

export function peopleOf(
  directory: () => Directory,
  { personAge, personGrace, now, log }: Pick<Settings, 'personAge' | 'personGrace' | 'now' | 'log'>,
): People {
  const seen = new Map<string, { account: Account | undefined; at: number }>();

  return {
    async find(id, age = personAge) {
      const last = seen.get(id);
      if (last && now() - last.at < age) return last.account;
      try {
        const account = await directory().byId(id);
        if (seen.size > 2000) seen.clear();
        seen.set(id, { account, at: now() });
        return account;
      } catch (error) {
        // The directory's pod may be starting again: nobody is thrown out for that.
        if (!last || age === 0 || now() - last.at > personGrace) throw error;
        log(`the last known of a person is used: ${messageOf(error)}`);
        return last.account;
      }
    },
    forget: (id) => void seen.delete(id),
  };
}
