import type { Resource } from './resource.ts';

/** Name of the account that is the place of a service's app passwords: `apps/contacts`. */
const APPS = 'apps/';

/** Spec of that account. */
export interface AppsSpec {
  /** Groups whose people may use the service; everybody with an account where it is absent. */
  access?: string[];
}

export function appsName(service: string): string {
  return `${APPS}${service}`;
}

/** The service whose app passwords an account is the place of; undefined for any other account. */
export function serviceOfApps(name: string): string | undefined {
  return name.startsWith(APPS) ? name.slice(APPS.length) : undefined;
}

/** The services that take app passwords, by id, and who may use each. */
export function appsIn(resources: Resource[]): Map<string, AppsSpec> {
  const apps = new Map<string, AppsSpec>();
  for (const { kind, name, spec } of resources) {
    const service = kind === 'account' ? serviceOfApps(name) : undefined;
    if (service !== undefined) apps.set(service, spec as AppsSpec);
  }
  return apps;
}
