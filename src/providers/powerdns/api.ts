import { messageOf, Transient } from '../../util/errors.ts';

/** A record set as the API gives it (https://doc.powerdns.com/authoritative/http-api/zone.html#rrset). */
export interface RrSet {
  /** With trailing dot. */
  name: string;
  type: string;
  ttl: number;
  records: { content: string; disabled: boolean }[];
}

export interface Zone {
  account: string;
  soa_edit_api: string;
  rrsets: RrSet[];
}

export interface Edit extends Partial<RrSet> {
  name: string;
  type: string;
  changetype: 'REPLACE' | 'DELETE';
}

/** The server understood and refused: the text says why. */
export class Refused extends Error {
  override name = 'Refused';
}

export interface Api {
  /** The whole zone, or undefined where the server has none of this name. */
  zone(): Promise<Zone | undefined>;
  createZone(fields: object): Promise<void>;
  updateZone(fields: object): Promise<void>;
  deleteZone(): Promise<void>;
  /** Changes record sets in one transaction. Throws {@link Refused}. */
  patch(edits: Edit[]): Promise<void>;
  /** The values kept with the zone under a name of our own; they are not served. */
  metadata(kind: string): Promise<string[]>;
  setMetadata(kind: string, values: string[]): Promise<void>;
}

const TIMEOUT = 60_000;

/** Client of the REST API for one zone. Every method throws Transient where the server can't be asked. */
export function powerdnsApi(address: string, domain: string, apiKey: () => string): Api {
  const zones = `http://[${address}]:8081/api/v1/servers/localhost/zones`;
  const zone = `${zones}/${domain}.`;

  async function call(method: string, url: string, body?: object): Promise<unknown> {
    const response = await fetch(url, {
      method,
      headers: { 'X-API-Key': apiKey(), 'Content-Type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(TIMEOUT),
    }).catch((error: Error) => {
      throw new Transient(`dns: no answer at [${address}]:8081: ${messageOf(error.cause ?? error)}`);
    });
    const text = await response.text().catch((error: unknown) => {
      throw new Transient(`dns: answer cut short: ${messageOf(error)}`);
    });
    if (response.ok) return text === '' ? undefined : JSON.parse(text);
    if (response.status === 404) return undefined;
    const reason = reasonOf(text);
    if (response.status === 422 || response.status === 400) throw new Refused(reason);
    throw new Transient(`dns: ${method} answered ${response.status}: ${reason}`);
  }

  return {
    async zone() {
      return (await call('GET', zone)) as Zone | undefined;
    },
    async createZone(fields) {
      await call('POST', zones, { name: `${domain}.`, ...fields });
    },
    async updateZone(fields) {
      await call('PUT', zone, fields);
    },
    async deleteZone() {
      await call('DELETE', zone);
    },
    async patch(edits) {
      await call('PATCH', zone, { rrsets: edits });
    },
    async metadata(kind) {
      const found = (await call('GET', `${zone}/metadata/${kind}`)) as { metadata?: string[] } | undefined;
      return found?.metadata ?? [];
    },
    async setMetadata(kind, values) {
      await call('PUT', `${zone}/metadata/${kind}`, { kind, metadata: values });
    },
  };
}

function reasonOf(text: string): string {
  try {
    return String((JSON.parse(text) as { error?: unknown }).error ?? text);
  } catch {
    return text.slice(0, 200);
  }
}
