import type { Consent } from '../model/hold.ts';
import type { SuitePin } from '../model/image.ts';
import type { Pod } from '../model/pod.ts';
import type { Progress, Provider } from '../model/provider.ts';
import type { Observed, Resource } from '../model/resource.ts';
import type { Site } from '../model/site.ts';
import type { NetworkMemory, OutsideActs } from '../model/uplinks.ts';
import type { Catalog } from '../plan/resolve.ts';
import type { State } from './state.ts';

/** One site with all that makes it true. Made in `compose.ts`; everything here receives it. */
export interface World {
  site: Site;
  catalog: Catalog;
  providers: Provider[];
  state: State;
  /** What a person has said yes to for the run that is asked for; nothing unless given. */
  consent?: Pick<Consent, 'names' | 'keys'>;
  /** Picks the inner IPv4 subnet; asked once in the life of a site. */
  chooseSubnet(): Promise<string>;
  /** Pins the state of the distribution that images are built from; asked once, then by updates. */
  pinSuite(progress: Progress): Promise<SuitePin>;
  /** Removes images of ours that this site used to use; `keep`: names of those it uses. */
  pruneImages(keep: string[]): Promise<void>;
  /** Asks a pod from outside; undefined when it serves, else what it answered. */
  probe(pod: Pod): Promise<string | undefined>;
  containers(): Promise<ContainerState[]>;
  /** Bytes held by the cgroup of a process. */
  memoryOf(pid: number): number | undefined;
  /** What a change of provider waits for outside of this machine, looked at now. */
  outside(network: NetworkMemory): Promise<OutsideActs>;
  /** Keys of certificates that the DNS has to name, by name of the certificate; SHA-256, hex. */
  keys(): Record<string, string[]>;
  /** Told with each look what is wanted and what is there: when a key may be used, and when one may go, follows from it. */
  noteKeys(resources: Resource[], observed: Observed): Promise<void>;
  /** Told after each run what is laid out, for what goes on between runs. */
  tend(resources: Resource[]): void;
}

export interface ContainerState {
  service: string;
  container: string;
  state: string;
  pid: number;
  startedAt: number;
}
