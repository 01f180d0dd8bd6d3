import { serviceOfApps } from '../../model/app-passwords.ts';
import type { Provider, Reach } from '../../model/provider.ts';
import { applyApps, observeApps } from './apps.ts';
import { applyBind, observeBinds } from './binds.ts';
import { withDirectory } from './connection.ts';
import { applyGroup, isGroup, observeGroups } from './groups.ts';

/** Binds of services, named by the service; members of groups, `group/<cn>`; places of app passwords, `apps/<service>`. */
export function openldap(reach: Reach): Provider {
  return {
    kinds: ['account'],

    observe(desired) {
      return withDirectory(reach, async (directory) => ({
        ...(await observeBinds(directory, reach, desired)),
        ...(await observeGroups(directory, desired)),
        ...(await observeApps(directory, desired)),
      }));
    },

    apply(change) {
      return withDirectory(reach, async (directory) => {
        if (isGroup(change.name)) await applyGroup(directory, change);
        else if (serviceOfApps(change.name) !== undefined) await applyApps(directory, change);
        else await applyBind(directory, reach, change);
      });
    },
  };
}
