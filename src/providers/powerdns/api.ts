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
  kind: string;
  account: string;
  /** The serial that is served, which may be ahead of the one in the SOA record set. */
  edited_serial: number;
  soa_edit_api: string;
  api_rectify: boolean;
  dnssec: boolean;
  nsec3param: string;
  nsec3narrow: boolean;
  rrsets: RrSet[];
}

export interface CryptoKey {
  id: number;
  active: boolean;
  published: boolean;
  /** Content of the DNSKEY record. */
  dnskey: string;
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

/** Every method throws Transient where the server can't be asked, those that write {@link Refused} too. */
export interface ServerApi {
  zones(): Promise<{ name: string; account: string }[]>;
  /** Of the zone of a name, without trailing dot, whether or not it exists. */
  zone(name: string): ZoneApi;
}

export interface ZoneApi {
  name: string;
  /** The whole zone, or undefined where the server has none of this name. */
  get(): Promise<Zone | undefined>;
  create(fields: object): Promise<void>;
  update(fields: object): Promise<void>;
  delete(): Promise<void>;
  /** Has its secondaries told that it changed (RFC 1996). */
  notify(): Promise<void>;
  /** Changes record sets in one transaction. */
  patch(edits: Edit[]): Promise<void>;
  /** The values kept with the zone under a name of our own; they are not served. */
  metadata(kind: string): Promise<string[]>;
  setMetadata(kind: string, values: string[]): Promise<void>;
  keys(): Promise<CryptoKey[]>;
  /** A private key in the format of BIND, to sign everything with from now on. */
  importKey(privatekey: string): Promise<void>;
  activateKey(id: number): Promise<void>;
  deleteKey(id: number): Promise<void>;
}

const TIMEOUT = 60_000;

/** Client of the REST API of one server. */
export function powerdnsApi(address: string, apiKey: () => string): ServerApi {
  const zones = `http://[${address}]:8081/api/v1/servers/localhost/zones`;

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

  function zoneApi(name: string): ZoneApi {
    const zone = `${zones}/${name}.`;
    return {
      name,
      async get() {
        return (await call('GET', zone)) as Zone | undefined;
      },
      async create(fields) {
        await call('POST', zones, { name: `${name}.`, ...fields });
      },
      async update(fields) {
        await call('PUT', zone, fields);
      },
      async delete() {
        await call('DELETE', zone);
      },
      async notify() {
        await call('PUT', `${zone}/notify`);
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
      async keys() {
        return ((await call('GET', `${zone}/cryptokeys`)) as CryptoKey[] | undefined) ?? [];
      },
      async importKey(privatekey) {
        const fields = { keytype: 'csk', active: true, published: true, privatekey };
        await call('POST', `${zone}/cryptokeys`, fields);
      },
      async activateKey(id) {
        await call('PUT', `${zone}/cryptokeys/${id}`, { active: true, published: true });
      },
      async deleteKey(id) {
        await call('DELETE', `${zone}/cryptokeys/${id}`);
      },
    };
  }

  return {
    async zones() {
      const found = (await call('GET', `${zones}?dnssec=false`)) as { name: string; account: string }[];
      return found.map(({ name, account }) => ({ name: name.slice(0, -1).toLowerCase(), account }));
    },
    zone: zoneApi,
  };
}

function reasonOf(text: string): string {
  try {
    return String((JSON.parse(text) as { error?: unknown }).error ?? text);
  } catch {
    return text.slice(0, 200);
  }
}
