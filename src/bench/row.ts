import type { Phase } from '../model/uplinks.ts';
import type { ExecOptions } from '../util/exec.ts';
import type { LoginTarget } from './login-load.ts';

/** One thing that is measured, and what it should be. */
export interface Row {
  /** As `--only` takes it. */
  name: string;
  /** What is done, in the words of the command. */
  title: string;
  /** In a person's words; the limits of the figures say the same to the program. */
  target: string;
  /** Debian packages it needs besides those of the program. */
  needs: Need[];
  /** Whether it needs podman and the others of the program. */
  usesHost: boolean;
  run(context: Context): Promise<Figure[]>;
}

export interface Need {
  name: string;
  /** Completes "to …". */
  why: string;
}

export interface Figure {
  what: string;
  value: number;
  /** `×` marks a ratio: two things measured side by side in this run. */
  unit: 'ms' | 's' | '%' | 'MB' | '/s' | 'µs' | '' | '×';
  /** The bound it is held to, where it has one. */
  limit?: Limit;
}

export type Limit = { below: number } | { atMost: number } | { atLeast: number };

/** What a row came to. */
export interface Result {
  name: string;
  title: string;
  target: string;
  figures: Figure[];
  /** The first ratio of the figures. */
  ratio?: number;
  /** Every figure is within its bound. */
  ok: boolean;
  /** Why it could not be measured. */
  error?: string;
}

/** Everything a row does to the world goes through here; `main` fills it in. */
export interface Context {
  /** A directory of the bench; all that is written is in it. */
  directory: string;
  /** Aborted when the bench is to end early. */
  signal: AbortSignal;
  /** A line for a person who waits. */
  say(text: string): void;
  /** Reads, validates and plans a site file in a process of its own. */
  planInProcess(file: string): Promise<PlanTimes>;
  /** The same of a change of provider, with everything in place for the former one. */
  planSwitchInProcess(file: string): Promise<PlanTimes>;
  /** With the bench's own images and containers. */
  podman(args: string[], options?: ExecOptions): Promise<string>;
  site: BenchSite;
  edge: EdgeParts;
  rotationStage(): Promise<RotationStage>;
  /** `file`: of the generated site. */
  renumberStage(file: string): Promise<RenumberStage>;
  debian(): Promise<DebianSource>;
}

export interface PlanTimes {
  /** ms from the text of the file to the changes, in a process that did nothing before. */
  ms: number;
  changes: number;
  /** Largest resident size of the process, bytes. */
  memory: number;
}

/** The site the bench brings up: contacts and projects, with all they need. */
export interface BenchSite {
  /** Where its state is. */
  state: string;
  /** Brings it up where it is not. */
  ensureUp(): Promise<void>;
  /** Runs a command of the program as a person does. Throws unless its exit code is 0. */
  allod(...args: string[]): Promise<{ ms: number; stdout: string }>;
  /** Process id of its daemon; throws where none answers. */
  daemon(): Promise<number>;
  /** Ends the daemon; the pods go on. */
  leave(): Promise<void>;
  /** Its pods as podman takes them, those that others need first. */
  pods(): Promise<PlayedPod[]>;
  /** Debian packages of each of its images. */
  packageSets(): Promise<string[][]>;
  /** Brings it up with contacts under these ids too. */
  upWith(more: string[]): Promise<void>;
  /** Removes all of it, with images and downloads: the next `up` is a first one. */
  forget(): Promise<void>;
}

export interface PlayedPod {
  name: string;
  /** By container. */
  images: Record<string, string>;
  yaml: string;
  /** Argument of `--network`. */
  network: string;
  /** Empties its scratch directories. */
  clear(): void;
  /** Resolves when it answers its probe. */
  waitUntilServing(): Promise<void>;
}

/** What the edge and a pod behind it are configured with, and the images they run from. */
export interface EdgeParts {
  haproxyCfg(host: string, address: string): string;
  routesMap(host: string, address: string): string;
  /** Of a pod that answers for a host on a local port, behind an edge. */
  nginxConf(host: string, port: number, edge: string): string;
  images(): Promise<{ haproxy: string; nginx: string }>;
}

/** Where this machine gets Debian from: a file of sources.list(5), and options of apt.conf(5). */
export interface DebianSource {
  suite: string;
  sources: string;
  options: string[];
}

/** The real database server and a service with nothing but databases, their logins looked after. */
export interface RotationStage {
  target: LoginTarget;
  /** A new login, in use when it resolves. */
  rotate(): Promise<void>;
  /** Resolves when one login is left; throws when others stay. */
  settled(): Promise<void>;
  /** A login made at the server, and with `tried` logged in with; dropped outside of the time that is returned, ms. */
  make(tried: boolean): Promise<number>;
  /** A new certificate for the server, in use when it resolves. */
  renewCertificate(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The zones of a generated site whose provider changes, at the name server of the bench's own site, which runs without its
 * daemon. No pod of the generated site runs.
 */
export interface RenumberStage {
  /** Has the zones as they are at a step; the first one makes them. */
  enter(step: RenumberStep): Promise<Entered>;
  /** What a second look still wants changed, and files that the server wrote meanwhile. */
  lookAgain(): Promise<{ changes: number; written: string[] }>;
  /** Removes the zones. */
  close(): Promise<void>;
}

export type RenumberStep = 'before' | Phase | 'after';

export interface Entered {
  changes: number;
  /** ms from the first change until the server has taken the last one. */
  taken: number;
  /** ms from the first change until the last name that changed is answered for as wanted; by then all are. */
  served: number;
}
