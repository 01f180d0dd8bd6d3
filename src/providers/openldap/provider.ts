import type { Provider, Reach } from '../../model/provider.ts';
import { applyBind, observeBinds } from './binds.ts';
import { withDirectory } from './connection.ts';
import { applyGroup, isGroup, observeGroups } from './groups.ts';

/** Binds of services, named by the service, and members of groups, named `group/<cn>`. */
export function openldap(reach: Reach): Provider {
  return {
    kinds: ['account'],

    observe(desired) {
      return withDirectory(reach, async (directory) => ({
        ...(await observeBinds(directory, reach, desired)),
        ...(await observeGroups(directory, desired)),
      }));
    },

    apply(change) {
      return withDirectory(reach, async (directory) => {
        if (isGroup(change.name)) await applyGroup(directory, change);
        else await applyBind(directory, reach, change);
      });
    },
  };
}
