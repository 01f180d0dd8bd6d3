import { desireUnseen } from '../plan/desired.ts';
import type { Catalog } from '../plan/resolve.ts';
import { signsIn } from '../providers/openldap/sign-in.ts';
import type { PortalDesk } from '../server/portal-door.ts';
import { Transient } from '../util/errors.ts';
import { type Installation, reachOf } from './compose.ts';

/** What the daemon has for the portal beside its own verbs. */
export function portalDesk(installation: Installation, catalog: Catalog): Omit<PortalDesk, 'links'> {
  const { state, store } = installation;
  const codes = store.as('administrators');
  const people = store.as('people');
  return {
    state,
    store: {
      get: (path) => codes.get(path)?.reveal(),
      set(path, value) {
        if (value === undefined) codes.forget(path, 0);
        else codes.put({ [path]: value }, { keep: 1 });
      },
    },
    of(site) {
      for (const { host, pod } of desireUnseen(site, catalog).services)
        for (const { daemonSocket, user } of pod.containers)
          if (daemonSocket !== undefined) return { host, uid: user };
      return undefined;
    },
    checkPassword(site, name, password) {
      const reach = reachOf(site, catalog, 'directory', ({ secret }) => {
        const found = people.get(secret);
        if (!found) throw new Transient('the directory was not brought up yet; try ./allod up');
        return found.reveal();
      });
      return signsIn(reach, name, password);
    },
    note: (actor, event) => store.as(actor).note(event),
  };
}
