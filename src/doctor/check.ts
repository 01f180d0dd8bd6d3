import type { Server, WantedNames } from '../delegation/wanted.ts';
import type { Protocol } from '../model/pod.ts';
import type { HostPort } from '../model/reach.ts';
import type { StoreLock } from '../model/secret-store.ts';
import type { Uplinks } from '../model/uplinks.ts';

/** One question about this machine or site. It asks nothing of the internet and nothing of what it judges. */
export interface Check {
  /** Unique, `[a-z-]+`. */
  id: string;
  /** A word or two for lists. */
  title: string;
  /** Checks that come before it in the list; a fault of one of them makes this one pointless. */
  needs: string[];
  /** `signal` fires when the time for one check is over. What it throws becomes a finding. */
  run(context: Context, signal: AbortSignal): Promise<Finding[]>;
}

export interface Finding {
  /** Of a warning or a fault, given by `diagnose`: by it a person says that they know of it. */
  id?: string;
  state: FindingState;
  /** One sentence without its full stop. */
  text: string;
  /** What was seen that says so. */
  evidence?: string;
  /** What a person can do. */
  remedy?: string;
}

/** `fault`: the site cannot work; `warning`: it works, but not for long, or it could not be found out. */
export type FindingState = 'ok' | 'warning' | 'fault' | 'skipped';

/** What checks know and can ask; the parts of the program they look at come in here. */
export interface Context {
  /** `process.version` of the Node that runs. */
  node: string;
  /** `process.getuid()`. */
  uid: number;
  /** Where sites keep what they own; need not exist yet. */
  stateRoot: string;
  /** Absent where there is no valid site file yet. */
  domain?: string;
  /** Ports the site publishes on this machine; without a site, the ones every site needs. */
  ports: HostPort[];
  /** The addresses in force; absent without a site. */
  uplinks?: Uplinks;
  /** Every public port at every address this machine or its pods answer at; empty without a site. */
  doors: Door[];
  /** What others should say of the site's names, apart from DS records; empty for a name that is nobody else's to know. */
  names: WantedNames;
  /** The site's own name server, which only this machine need reach; absent without one. */
  nameServer?: Server;
  /** What this machine asks of names that are not the site's. */
  resolvers: Server[];
  missingPackages(): Promise<{ name: string; why: string }[]>;
  /** Starts a container with a memory limit; answers how (`runc with cgroupfs`), throws why not. */
  startContainer(): Promise<string>;
  holderOf(ip: string, port: number, protocol: Protocol): Promise<PortHolder | undefined>;
  /** Whether a port is held by a container of this site. */
  isOurs(holder: PortHolder): boolean;
  /** Name of the pods' bridge; undefined before the first `up`. */
  bridge(): Promise<string | undefined>;
  /** Of pods that run, and should have an address outside. */
  pods(): Promise<PodAddresses[]>;
  /** What packets of this machine or of a pod to an address would come from; no packet is sent. Undefined: no way there. */
  sourceTo(address: string, service?: string): Promise<string | undefined>;
  /** What the site's store holds; empty without a site. */
  certificates(): Promise<HeldCertificate[]>;
  /** What the site's daemon says of itself; undefined where none runs. */
  askDaemon(): Promise<{ pid: number } | undefined>;
  /** How the site's secrets are opened; undefined where there are none. */
  askSecrets(): Promise<StoreLock | undefined>;
}

/** A public port at one address. */
export interface Door {
  service: string;
  address: string;
  port: number;
  protocol: Protocol;
}

/** IPv6 addresses outside of the site's inner prefix, canonical. */
export interface PodAddresses {
  service: string;
  wanted: string[];
  found: string[];
}

export interface HeldCertificate {
  /** For a person: `the root of the site CA`, `www.example.org`. */
  name: string;
  role: 'root' | 'intermediate' | 'leaf';
  /** Its life, ms since 1970. */
  from: number;
  to: number;
}

export interface PortHolder {
  pid: number;
  name: string;
  address: string;
}
