import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { isIP } from 'node:net';
import { text } from 'node:stream/consumers';
import { createDAVClient, type DAVAddressBook } from 'tsdav';

/** Where a CardDAV client connects, and as whom. */
export interface CardDavAccess {
  /** `https://contacts.example.org/`; the client finds the rest by itself. */
  url: string;
  /** Path of the CA to trust, PEM. */
  ca: string;
  username: string;
  password: string;
  /** Literal IPv4 or IPv6 to connect to in place of what the name resolves to: it decides the family. */
  address: string;
}

export interface StoredContact {
  /** Where the client found it. */
  url: string;
  /** The vCard as the server gave it back. */
  card: string;
  /** How many there are in the address book now. */
  count: number;
}

/**
 * Signs in as a phone does (discovery by `/.well-known/carddav`), makes an address book where there is
 * none, stores a contact under a new `uid` and reads it back from the server's own list.
 */
export async function storeAndReadContact(
  access: CardDavAccess,
  uid: string,
  name: string,
): Promise<StoredContact> {
  const client = await createDAVClient({
    serverUrl: access.url,
    credentials: { username: access.username, password: access.password },
    authMethod: 'Basic',
    defaultAccountType: 'carddav',
    fetch: fetchFrom(access),
  });
  const addressBook = await anAddressBook(client, access);
  const vCardString = `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:${uid}\r\nFN:${name}\r\nN:${name};;;;\r\nEND:VCARD\r\n`;
  const filename = `${uid}.vcf`;
  const stored = await client.createVCard({ addressBook, vCardString, filename });
  if (!stored.ok) throw new Error(`storing ${filename}: ${stored.status} ${stored.statusText}`);
  const cards = await client.fetchVCards({ addressBook });
  const found = cards.find((card) => card.url.endsWith(`/${filename}`));
  if (!found) throw new Error(`${filename} is not among the ${cards.length} cards of ${addressBook.url}`);
  return { url: found.url, card: String(found.data), count: cards.length };
}

type Client = Awaited<ReturnType<typeof createDAVClient>>;

async function anAddressBook(client: Client, access: CardDavAccess): Promise<DAVAddressBook> {
  const [first] = await client.fetchAddressBooks();
  if (first) return first;
  const url = new URL(`/${access.username}/contacts/`, access.url).href;
  await client.makeCollection({
    url,
    props: {
      'd:resourcetype': { 'd:collection': {}, 'card:addressbook': {} },
      'd:displayname': 'Contacts',
    },
  });
  const [made] = await client.fetchAddressBooks();
  if (!made) throw new Error(`no address book after making ${url}`);
  return made;
}

/** `fetch` that connects to the given address, checks the name against the given CA and follows nothing. */
function fetchFrom({ ca, address }: CardDavAccess): typeof fetch {
  const family = isIP(address);
  const pem = readFileSync(ca, 'utf8');
  return (target, init = {}) =>
    new Promise((resolve, reject) => {
      const url = new URL(String(target));
      const outgoing = request(url, {
        method: init.method ?? 'GET',
        headers: Object.fromEntries(new Headers(init.headers)),
        ca: pem,
        agent: false,
        timeout: 20_000,
        lookup: (_host, options, found) =>
          options.all ? found(null, [{ address, family }]) : found(null, address, family),
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${url.href}: no answer in 20 s`)));
      outgoing.on('error', reject);
      outgoing.on('response', async (incoming) => {
        const { statusCode: status = 0, statusMessage: statusText = '' } = incoming;
        const headers = Object.entries(incoming.headersDistinct).flatMap(([key, values = []]) =>
          values.map((value): [string, string] => [key, value]),
        );
        const body = await text(incoming);
        // The client would go on with guesses; a server in trouble is told as such.
        if (status >= 500) return reject(new Error(`${url.href}: ${status} ${statusText}`));
        resolve(new Response([204, 304].includes(status) ? null : body, { status, statusText, headers }));
      });
      outgoing.end(init.body ?? undefined);
    });
}

/** Started as a program, inside a network namespace: the arguments as JSON on standard input, the result as JSON. */
if (import.meta.main) {
  const [access, uid, name] = JSON.parse(await text(process.stdin)) as [CardDavAccess, string, string];
  process.stdout.write(JSON.stringify(await storeAndReadContact(access, uid, name)));
}
