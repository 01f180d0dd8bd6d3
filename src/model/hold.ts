/** Why a change is not made for now, and what a person can do about it. One for all changes it is about. */
export interface Hold {
  /** The same for the same thing: `dns-shrinks example.org`. */
  id: string;
  /** One sentence without its full stop. */
  text: string;
  remedy: string;
}

/** What a person has said yes to, for one run. */
export interface Consent {
  /** Zones that may lose many names, or go. */
  names: ReadonlySet<string>;
  /** Zones whose keys may go that are not of the store. */
  keys: ReadonlySet<string>;
  /** Keys of changes that were held back before. */
  held: ReadonlySet<string>;
}
