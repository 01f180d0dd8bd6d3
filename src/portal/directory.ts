/** Somebody, as the directory has them now. */
export interface Account {
  /** entryUUID (RFC 4530): never given again, not even with the same name. */
  id: string;
  name: string;
  displayName: string;
  mail?: string;
  /** Sorted. */
  groups: string[];
  /** When the password was last set, as the directory writes it; '' where it does not say. */
  passwordSince: string;
}

/**
 * What the portal needs of the directory, which shows nobody who is disabled. Each throws Transient where the directory
 * is away.
 */
export interface Directory {
  byId(id: string): Promise<Account | undefined>;
  byName(name: string): Promise<Account | undefined>;
  /** The person as they were before the password was tried, where it is theirs. */
  check(name: string, password: string): Promise<Account | undefined>;
  /** `wrong`: the old one is not theirs. Throws PersonFault where the new one is refused. */
  changePassword(name: string, old: string, password: string): Promise<'changed' | 'wrong'>;
  /** Ids of everybody who may sign in, each with `passwordSince`. */
  present(): Promise<Map<string, string>>;
}

/** As the daemon gives names. */
export function isName(text: string): boolean {
  return /^[a-z](?:[a-z0-9_-]|\.(?!\.|$)){0,31}$/.test(text);
}

export function mayUse({ groups }: Account, access: string[] | undefined): boolean {
  return !access || access.some((group) => groups.includes(group));
}
