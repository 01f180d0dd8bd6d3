/** What {@link judge} makes of what was seen: plain data. */
export interface DelegationReport {
  remarks: Remark[];
  /** What a person has to do elsewhere, with the exact values; empty when all points here. */
  acts: Act[];
  /** Seconds that somebody may still remember what the zones above say now; 0 where they say nothing. */
  longestTtl: number;
}

export interface Remark {
  /** The zone, or the address of a pointer. */
  subject: string;
  topic: 'delegation' | 'ds' | 'pointer';
  /**
   * `fault`: names are not found, or are refused by resolvers that validate; `warning`: works, but not as it should;
   * `unknown`: could not be found out.
   */
  state: 'ok' | 'warning' | 'fault' | 'unknown';
  /** One sentence without its full stop. */
  text: string;
  /** What was asked and answered, a line each, as dig prints it. */
  evidence: string[];
  act?: Act;
}

export interface Act {
  /** `the registrar of example.org`, `the provider of 203.0.113.7`. */
  who: string;
  /** What to do there; the sentence goes before the records. */
  what: string;
  /** In presentation format, a line each: what to enter. */
  enter: string[];
  /** What to take out. */
  remove: string[];
}
