import type { Report } from '../doctor/diagnose.ts';
import type { CertificateView } from '../model/certificate.ts';
import type { Exposure } from '../model/exposure.ts';
import type { RunEvent } from '../reconcile/events.ts';
import type { Empty, Planned, RunFault } from './answers.ts';

/** What the console shows besides people, secrets and names. Every verb has its command. */
export interface ConsoleApi {
  /** The last runs, newest first. */
  tasks: { request: Empty; event: never; answer: { tasks: TaskView[] } };
  /** All events of one, those to come too: answers when it has ended. `follow: false`: only what there is. */
  task: { request: { id: number; follow?: boolean }; event: TimedEvent; answer: TaskView };
  /** The site file as accepted, as it stands on the disk, and what would change if that were brought up. */
  siteFile: { request: Empty; event: never; answer: SiteFileView };
  /** Every fault of a text, or what it would change. Changes nothing. */
  checkSite: {
    request: { site: string };
    event: never;
    answer: { faults: string[]; planned?: Planned };
  };
  /** Writes the site file (the one `up` was last given) and brings it up; `was`: the text the person began from. */
  applySite: {
    request: { site: string; was: string };
    event: RunEvent;
    answer: { faults: RunFault[] };
  };
  /** Stops and starts the pod of a service. */
  restartService: { request: { service: string }; event: RunEvent; answer: Empty };
  certificates: { request: Empty; event: never; answer: { certificates: CertificateView[] } };
  images: { request: Empty; event: never; answer: { images: ImageView[] } };
  addresses: { request: Empty; event: never; answer: { exposures: Exposure[] } };
  /** Lines as they come; `follow`: those to come too, until the connection ends. */
  logs: {
    request: { service: string; lines: number; follow: boolean };
    event: LogLine;
    answer: Empty;
  };
  /** Runs every check now. */
  doctor: { request: Empty; event: never; answer: { report: Report; ignored: string[] } };
  /** By the id of a finding, remembered until it changes; or of a point of the checklist that a person may tick. */
  ignoreFinding: { request: { id: string; ignored: boolean }; event: never; answer: Empty };
  /** What people did through the console and the command line, newest first. */
  activity: { request: { limit: number }; event: never; answer: { entries: ActivityEntry[] } };
  /** What a new site still needs. */
  checklist: { request: Empty; event: never; answer: { items: ChecklistItem[] } };
}

export interface TaskView {
  id: number;
  /** `up`, `renew secrets`. */
  title: string;
  /** `root`, `alice`, `the daemon`. */
  by: string;
  state: 'running' | 'done' | 'failed';
  /** ms since 1970. */
  started: number;
  ended?: number;
  /** Of the changes planned, how many are done. */
  progress: { done: number; of: number };
  /** Why it failed. */
  text?: string;
}

export interface TimedEvent {
  at: number;
  event: RunEvent;
}

export interface SiteFileView {
  accepted: string;
  /** Where it stands on this machine; absent where `up` was never told. */
  path?: string;
  /** Absent where it is the accepted one. */
  edited?: string;
  /** What was there before the last `applySite`: given to it again, it undoes that. */
  before?: string;
}

export interface ImageView {
  name: string;
  ref: string;
  /** `debian trixie`, `npm`: from where, each with its packages. */
  origins: { from: string; packages: { name: string; version: string }[] }[];
  services: string[];
  /** Bytes. */
  size?: number;
  created?: number;
}

export interface LogLine {
  /** ms since 1970; absent where the line does not say. */
  at?: number;
  container: string;
  text: string;
}

export interface ActivityEntry {
  at: number;
  /** `alice`, `root`. */
  who: string;
  how: 'console' | 'command' | 'portal';
  verb: string;
  /** What it was done to, in words without a secret. */
  text: string;
  failed?: string;
}

export interface ChecklistItem {
  id: string;
  title: string;
  done: boolean;
  /** What to do, one sentence. */
  text: string;
  /** Nobody but a person can know it: `ignoreFinding` with its id says that it is done, or not wanted. */
  tick?: true;
  /** A page of the console, or a command. */
  page?: string;
  command?: string;
}
