import type { Allow, Context, Received, ServiceDefinition } from '../contracts/service.ts';
import type { Opening } from '../model/exposure.ts';
import type { Container } from '../model/pod.ts';
import type { Resource } from '../model/resource.ts';

/** One service of the site with everything its requests brought. */
export interface Instance {
  definition: ServiceDefinition;
  context: Context;
  /** Services that needed it, where the site file does not name it. */
  impliedBy: string[];
  /** Results by the service's own keys. */
  results: Record<string, unknown>;
  received: Received[];
  sidecars: Container[];
  resources: Resource[];
  /** Keys of resources its pod waits for. */
  blockers: string[];
  allow: Allow[];
  openings: Opening[];
  /** Name server of its pod. */
  resolver?: string;
}
