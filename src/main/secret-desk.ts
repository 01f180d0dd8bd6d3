import type { Layout } from '../model/layout.ts';
import { kitText, readGroups } from '../secrets/kit.ts';
import { valueFor } from '../secrets/secret-provider.ts';
import type { EmbeddedStore } from '../secrets/store.ts';
import type { SecretDesk } from '../server/secrets.ts';

/** What a person does with the store, through the daemon or a command. */
export function secretDesk(store: EmbeddedStore, domain: string, layout: Layout): SecretDesk {
  // Only root reaches the socket and the file.
  const person = store.as('person root');
  return {
    lock: person.lock,
    adopt: person.adopt,
    unseal: person.unseal,
    seal: person.seal,
    entries: person.list,
    reveal: (path) => person.reveal(path)?.reveal(),
    renew(wanted) {
      const values = Object.entries(wanted).map(([path, spec]) => [path, valueFor(spec)]);
      person.rotate(Object.fromEntries(values));
    },
    renewKeys: person.renewKeys,
    kit() {
      const root = person.rootKey();
      const text = kitText(domain, root, layout);
      root.fill(0);
      return text;
    },
    async restore(groups, passphrase) {
      const root = readGroups(groups);
      await person.restore(root, passphrase);
      root.fill(0);
    },
    audit: person.audit,
    verifyAudit: person.verifyAudit,
    findings: person.findings,
    scrub: person.scrub,
  };
}
