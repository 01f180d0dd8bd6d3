import { type AppsSpec, appsIn } from '../model/app-passwords.ts';
import type { AppPassword } from '../model/people.ts';
import type { Site } from '../model/site.ts';
import type { AppPasswordVerb } from './api.ts';
import type { Surroundings } from './secrets.ts';
import type { Handlers } from './server.ts';

/** Passwords of devices as the verbs need them; every method throws PersonFault with all that is wrong. */
export interface AppPasswordDesk {
  list(name: string): Promise<AppPassword[]>;
  add(
    asked: { name: string; service: string; label: string },
    takers: ReadonlyMap<string, AppsSpec>,
  ): Promise<{ id: string; password: string }>;
  remove(name: string, service: string, id: string): Promise<void>;
  /** To be called after a change of people or groups: who may not use a service any more is refused. */
  settle(takers: ReadonlyMap<string, AppsSpec>): Promise<void>;
}

/** `desk`: that of a site. Which services take app passwords is read from what the site wants. */
export function appPasswordHandlers(
  desk: (site: Site) => AppPasswordDesk,
  around: Pick<Surroundings, 'site' | 'resources'>,
): Pick<Handlers, AppPasswordVerb> {
  return {
    async appPasswords({ name }) {
      return { passwords: await desk(around.site()).list(name) };
    },
    async addAppPassword({ name, service, label }) {
      return await desk(around.site()).add({ name, service, label }, appsIn(around.resources()));
    },
    async removeAppPassword({ name, service, id }) {
      await desk(around.site()).remove(name, service, id);
      return {};
    },
  };
}
