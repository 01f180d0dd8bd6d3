import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AcmeSource } from '../../src/model/certificate.ts';
import type { Provider } from '../../src/model/provider.ts';
import type { Change, Resource } from '../../src/model/resource.ts';
import type { SecretRef } from '../../src/model/secret.ts';
import { orderByAcme } from '../../src/providers/acme/acme.ts';
import { challenges } from '../../src/providers/powerdns/challenges.ts';
import { powerdns } from '../../src/providers/powerdns/provider.ts';
import { openState, type State } from '../../src/reconcile/state.ts';
import { certificateProvider } from '../../src/secrets/certificate-provider.ts';
import { orders } from '../../src/secrets/orders.ts';
import { openStore, type SecretStore } from '../../src/secrets/store.ts';

/** The parts of a daemon that have to do with certificates, put together as `compose.ts` does. */
export interface AcmeSite {
  store: SecretStore;
  state: State;
  certificates: Provider;
  names: Provider;
  close(): void;
}

export interface NameServer {
  domain: string;
  address: string;
  apiKey: string;
  zoneKey: string;
}

/** What is in `folder` outlives it, as it does a daemon. */
export function acmeSite(folder: string, { domain, address, apiKey, zoneKey }: NameServer): AcmeSite {
  mkdirSync(folder, { recursive: true });
  const store = openStore(join(folder, 'secrets.db'));
  const state = openState(join(folder, 'state.db'));
  const answering = new Set<string>();
  const reveal = ({ secret }: SecretRef) => (secret === 'dns/zone-key' ? zoneKey : apiKey);
  const names = powerdns({ domain, address, reveal }, { answering });
  const placeOrder = orders({
    ...{ store, notes: state, running: new Map(), scratch: folder },
    ask: ({ source: { directory }, ...order }) =>
      orderByAcme({ directory, ...order }, challenges(names, answering)),
  });
  return {
    ...{ store, state, names, certificates: certificateProvider(store, folder, placeOrder) },
    close() {
      store.close();
      state.close();
    },
  };
}

export const siteCaWanted = wanted('site-ca', { ca: true, names: ['example.org'] });

export function hostWanted(host: string, acme: AcmeSource): Resource {
  return wanted(host, { names: [host], lifetime: 604_800, acme });
}

export function changeTo(resource: Resource): Change {
  return { ...resource, action: 'update', key: `${resource.kind}/${resource.name}` };
}

function wanted(name: string, spec: unknown): Resource {
  const why = { service: 'site', rule: 'certificate', sentence: 'a test' };
  return { kind: 'certificate', name, service: 'site', why, needs: [], spec };
}
