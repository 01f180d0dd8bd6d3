/** A login as people are shown it: no value. Times in ms since 1970. */
export interface LeaseView {
  service: string;
  role: string;
  /** `minted`, `verified`, `current`, `draining`, `locked`, `ended`, `dropped`. */
  state: string;
  /** The service was seen to use it. */
  proved: boolean;
  minted: number;
  since: number;
  /** The server refuses it after this. */
  expires: number;
  /** When its successor is due; absent for one that is on its way out. */
  next?: number;
}
