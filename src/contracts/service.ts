import type { ZodType } from 'zod';
import type { Opening } from '../model/exposure.ts';
import type { ImageRecipe } from '../model/image.ts';
import type { Container, Probe } from '../model/pod.ts';
import type { Resource } from '../model/resource.ts';
import type { Site, SiteService } from '../model/site.ts';
import type { Uplinks } from '../model/uplinks.ts';
import type { ContractName, Request, Requests, Results } from './contracts.ts';

/** What every function of a definition is given: frozen data, nothing to call but what tells addresses. */
export interface Context<Settings = unknown> {
  site: Site;
  service: SiteService & { settings: Settings };
  /** The addresses in force, and its own IPv6 in each of the pools, in their order. */
  uplinks: Uplinks;
  outer: string[];
  /** Inner IPv6 of a service of this site, its own unless named: what pods and this machine reach it by, for ever. */
  address(service?: string): string;
  /** The prefix of all inner addresses, and this machine's own: where its daemon comes from. */
  inner: { pool: string; gateway: string };
}

/** One service's pod as its folder describes it; addresses, sidecars and aliases are added by the core. */
export interface Workload {
  containers: Container[];
  probe: Probe;
  /** Seconds until the first probe may pass; 60 unless given. */
  startSeconds?: number;
}

/** A catalog folder: plain data and pure functions. */
export interface ServiceDefinition<Settings = unknown, R extends Requests = Requests> {
  /** The folder's name. */
  type: string;
  /** A word or two for lists: `Contacts and calendars`. */
  title: string;
  /** Last part of the IPv6 address where people type it by hand (0x53 for dns); else a hash of the id. */
  suffix?: number;
  /** Its part of the site file. */
  settings: ZodType<Settings>;
  /** Files of this machine that the settings name: the daemon reads them as root, so they are root's to choose. */
  machineFiles?(settings: Settings): string[];
  /** Groups that the settings name, by the key that names them: `clients.notes`. Those of `access` are known without. */
  groupsNamed?(settings: Settings): Record<string, string[]>;
  /** Recipes of the images it brings; others may name them too. */
  images: ImageRecipe[];
  /** What it needs, by keys of its own choosing. */
  requests(context: Context<Settings>): R;
  /** `got`: the results by the same keys. `received`: what others asked of this service. */
  workload(context: Context<Settings>, got: Results<R>, received: Received[]): Workload;
  /** Things it wants to be true inside its own server (a zone, an account), fulfilled by a provider. */
  resources?(context: Context<Settings>, got: Results<R>): OwnResource[];
  /** Which contracts it fulfils for others, and how. */
  provides?: Provision;
}

export interface Provision {
  contracts: ContractName[];
  /** Which requests it learns of though another fulfils them. */
  hears?: ContractName[];
  /** Called once for each consumer with all it asked. */
  fulfil(provider: Context, consumer: Context, requests: Requests): Fulfilment;
}

/** A request that another service made of this one, or that this one hears of. */
export interface Received {
  consumer: SiteService;
  /** Of the consumer's folder: `Contacts and calendars`. */
  title: string;
  /** The consumer's fixed IPv6. */
  address: string;
  request: Request;
}

export interface Fulfilment {
  /** By the same keys as the requests. */
  results: Record<string, unknown>;
  /** Containers to stand in the consumer's pod. */
  containers?: Container[];
  /** Requests that follow from these, made in the consumer's name. */
  requests?: Requests;
  /** What must be made true inside the provider's server. */
  resources?: OwnResource[];
  /** Connections from other pods that must be let through. */
  allow?: Allow[];
  /** Ports of the consumer that people reach. */
  openings?: Opening[];
  /** Inner IPv6 of the name server of the consumer's pod. */
  resolver?: string;
}

/** A resource whose `service`, `why.service` and wait for the provider's pod are filled in by the core. */
export interface OwnResource extends Pick<Resource, 'kind' | 'name' | 'spec'> {
  rule: string;
  sentence: string;
  /** The consumer's pod starts only when this is in place. */
  blocks?: boolean;
}

/** A connection from one pod to a port of another, both by their service's id. */
export interface Allow {
  from: string;
  to: string;
  port: number;
  protocol: 'tcp' | 'udp';
  /** It connects by the other's host name: its pod knows that too. */
  byHost?: true;
  why: string;
}

/** Keeps the types of requests and results together; returns its argument. */
export function defineService<Settings, R extends Requests>(
  definition: ServiceDefinition<Settings, R>,
): ServiceDefinition<Settings, R> {
  return definition;
}
