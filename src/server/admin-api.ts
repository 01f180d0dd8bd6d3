import type { Api } from './api.ts';
import type { ConsoleApi } from './console-api.ts';
import type { PeopleApi } from './people-api.ts';

/**
 * What administrators may have the daemon do through the portal. None of these gives away a value of the store or a key
 * to it, opens or closes the store, or ends the daemon: that is done on the machine.
 */
export type AdminApi = PeopleApi &
  ConsoleApi &
  Pick<
    Api,
    | 'status'
    | 'lock'
    | 'secrets'
    | 'rotateSecrets'
    | 'leases'
    | 'delegations'
    | 'records'
    | 'audit'
    | 'verifyAudit'
  > & {
    /** `cut` takes away the addresses by which whoever asks comes in: that too is done on the machine. */
    renumber: Omit<Api['renumber'], 'request'> & {
      request: { action: Exclude<Api['renumber']['request']['action'], 'cut'> };
    };
  };
export type AdminVerb = keyof AdminApi;
