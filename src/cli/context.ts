import type { Result } from '../bench/row.ts';
import type { Report } from '../doctor/diagnose.ts';
import type { Exposure } from '../model/exposure.ts';
import type { Layout } from '../model/layout.ts';
import type { RehearsalReport } from '../model/rehearsal.ts';
import type { Site } from '../model/site.ts';
import type { Status } from '../model/status.ts';
import type { Api, NameVerb, Planned, SecretVerb } from '../server/api.ts';

/** What every command is given by main.ts. */
export interface Cli {
  out: NodeJS.WriteStream;
  err: NodeJS.WriteStream;
  /** Finds, reads and validates the site file, `changing` also against this machine; throws PersonFault. */
  openSite(changing?: boolean): OpenSite;
  /** As `openSite(true)`, but writes a starter for this machine where there is none. */
  openOrStartSite(): OpenSite;
  /** Installs what the machine lacks. */
  prepareHost(): Promise<void>;
  /** Starts the daemon of a site where none runs. */
  ensureDaemon(site: OpenSite): Promise<void>;
  /** What would have to change, by the daemon where one of this code runs. Changes nothing. */
  plan(site: OpenSite): Promise<Planned>;
  /** What people reach, and how: of the site file, and of the networks that are in force. */
  exposures(site: OpenSite): Promise<Exposure[]>;
  /** Status of a site whose daemon does not run. */
  statusWithoutDaemon(site: OpenSite): Promise<Status>;
  /** What `down` does, where no daemon runs to do it. */
  takeDown(site: OpenSite, say: (text: string) => void): Promise<void>;
  /** Ends the daemon, its pods and its network, and removes all state of the site. */
  destroy(site: OpenSite, say: (text: string) => void): Promise<void>;
  /** Follows or prints a container's log lines. */
  logs(site: OpenSite, service: string, follow: boolean, lines: number): Promise<void>;
  /** Runs the doctor's checks; without a site file, those of the machine. `ignored`: ids of findings people know of. */
  examine(): Promise<{ report: Report; ignored: string[] }>;
  /** Remembers that a person knows of a finding, or no longer; throws PersonFault without a site. */
  ignoreFinding(id: string, ignored: boolean): Promise<void>;
  /** Measures rows of the bench by name, all where none is named; `say` hears how far it is. */
  bench(only: string[], say: (text: string) => void): Promise<Result[]>;
  /** A change of provider on a copy of the site, in network namespaces; throws PersonFault for what is no prefix or address. */
  rehearse(
    site: OpenSite,
    options: { pool?: string; address?: string; cut?: boolean },
  ): Promise<RehearsalReport>;
  /** Values of the store by path, from the daemon where one runs; throws PersonFault naming every unknown path. */
  reveal(site: OpenSite, paths: string[]): Promise<Record<string, string>>;
  /** Looks for values of the store in places where none may be. */
  scan(site: OpenSite): Promise<ScanReport>;
  /** Path of a command's file, looked for along `path`; throws CommandFault. */
  findCommand(command: string, path: string): string;
  /** Ends this program and has the file take its place. */
  replaceBy(file: string, args: string[], environment: Record<string, string>): never;
  /** Says a verb about secrets to the daemon; without one it is done here, but for what only a daemon can do. */
  secrets<V extends SecretVerb>(site: OpenSite, verb: V, body: Api[V]['request']): Promise<Api[V]['answer']>;
  /** Says a verb about the zones to the daemon; without one it is done here. */
  names<V extends NameVerb>(site: OpenSite, verb: V): Promise<Api[V]['answer']>;
  /** Asks for a line that nobody shall see; undefined where there is no terminal. */
  askHidden(prompt: string): Promise<string | undefined>;
  /** All of standard input. */
  stdin(): string;
  /** PEM of the site CA's root. */
  ca(site: OpenSite): Promise<string | undefined>;
  exit(code: number): void;
}

export interface ScanReport {
  leaks: { secret: string; form: string; place: string; where: string }[];
  /** What was looked at, by kind of place. */
  seen: Record<string, { texts: number; bytes: number }>;
  /** How many values were looked for. */
  values: number;
}

export interface OpenSite {
  path: string;
  text: string;
  site: Site;
  layout: Layout;
}

/** Exit codes of all commands (`plan` has its own). */
export const EXIT = { ok: 0, failed: 1, person: 2 } as const;
