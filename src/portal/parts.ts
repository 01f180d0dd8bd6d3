import type Provider from 'oidc-provider';
import type { PortalConfig } from '../model/sign-on.ts';
import type { Assets } from './assets.ts';
import type { Daemon } from './daemon.ts';
import type { Directory } from './directory.ts';
import type { Elevations } from './elevations.ts';
import type { Sessions } from './oidc/sessions.ts';
import type { People } from './people.ts';
import type { Settings } from './settings.ts';
import type { Agreements } from './store/agreements.ts';
import type { Codes } from './store/codes.ts';
import type { Limits } from './store/limits.ts';
import type { Moments } from './store/moments.ts';
import type { Passkeys } from './store/passkeys.ts';
import type { Passwordless } from './store/passwordless.ts';

/** What every route works with. `config` and `provider` are those of one reading of the configuration. */
export interface Portal {
  config: PortalConfig<string>;
  provider: Provider;
  settings: Settings;
  assets: Assets;
  directory: Directory;
  daemon: Daemon;
  people: People;
  sessions: Sessions;
  elevations: Elevations;
  moments: Moments;
  limits: Limits;
  agreements: Agreements;
  codes: Codes;
  passkeys: Passkeys;
  passwordless: Passwordless;
  /** Whether the database answers. */
  healthy: () => boolean;
}
