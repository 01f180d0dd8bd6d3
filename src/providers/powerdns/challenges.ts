import type { Provider } from '../../model/provider.ts';
import type { Change } from '../../model/resource.ts';
import type { RecordSpec } from '../../model/zone.ts';

/** Answers to the questions of a certificate authority (dns-01, RFC 8555 section 8.4). */
export interface Challenges {
  /** Returns when the zone serves it. */
  answer(host: string, value: string): Promise<void>;
  withdraw(host: string): Promise<void>;
}

/**
 * Through the provider of records itself, so that they carry the site's mark and no two writers meet. `answering`: the
 * set that the provider was given.
 */
export function challenges({ apply }: Pick<Provider, 'apply'>, answering: Set<string>): Challenges {
  return {
    async answer(host, value) {
      const change = changeOf(host);
      answering.add(change.name);
      // No resolver is to keep it for the next order, which has another value.
      const spec: RecordSpec = { name: nameOf(host), type: 'TXT', ttl: 1, values: [`"${value}"`] };
      await apply({ ...change, action: 'create', spec }, () => {});
    },
    async withdraw(host) {
      const change = changeOf(host);
      try {
        await apply(change, () => {});
      } finally {
        // Where that failed, the next look finds it.
        answering.delete(change.name);
      }
    },
  };
}

function changeOf(host: string): Change {
  const name = `${nameOf(host)}/TXT`;
  const why = {
    service: 'dns',
    rule: 'certificate',
    sentence: 'a certificate authority asks who has this name',
  };
  return { action: 'delete', key: `record/${name}`, kind: 'record', name, service: 'dns', why, needs: [] };
}

function nameOf(host: string): string {
  return `_acme-challenge.${host}`;
}
