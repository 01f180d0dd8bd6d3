import { formatIpv6 } from '../util/ip.ts';

/** As the schema wants the names of administrators; also without `..` and a last dot, which no account may have. */
const NAME = /^[a-z](?:[a-z0-9_-]|\.(?=[a-z0-9_-])){0,31}$/;

export interface StarterOptions {
  domain: string;
  /** IPv6 prefix. */
  pool: string;
  /** Public IPv4 address. */
  address: string;
  /** IPv4 to listen on, where it differs. */
  listen?: string;
  /** Sign-in name of who may administer it. */
  administrator: string;
  /** Where the JSON Schema is, relative to the file, for editors. */
  schema?: string;
}

/** What `./allod up` starts from where nobody has written a site file. */
export function localStarter(randomBytes: (size: number) => Uint8Array): StarterOptions {
  return {
    ...{ domain: 'allod.localhost', pool: generatePool(randomBytes), address: '127.0.0.1' },
    administrator: administratorFrom([]),
  };
}

/** The text of a site file to start from. */
export function starter(options: StarterOptions): string {
  const { domain, pool, address, listen, administrator, schema } = options;
  const modeline = schema === undefined ? '' : `# yaml-language-server: $schema=${schema}\n`;
  const listens = listen === undefined ? '# listen: 192.168.1.10' : `listen: ${listen}`;
  return `${modeline}# The site: change it, then run ./allod up
version: 1

# All names are below this domain: contacts.${domain}, projects.${domain}
domain: ${domain}

# Moving to another internet provider changes these values and nothing else.
network:
  ipv6:
    # The prefix the services get their addresses from, /64 or shorter.
    pool: ${pool}
  ipv4:
    # The one public address.
    address: ${address}
    # Behind a router that forwards: the address of this machine.
    ${listens}

# Who may administer the site, by sign-in name.
administrators: [${administrator}]

# What runs. What a service needs (names, database, directory, entry) comes with it.
services:
  # Contacts and calendars.
  contacts: {}
  # Project management.
  projects: {}
`;
}

/** The first of these names of accounts of the machine that is one of a person and may sign in to the site, or `admin`. */
export function administratorFrom(names: (string | undefined)[]): string {
  const system = ['root', 'nobody'];
  return names.find((name) => name && NAME.test(name) && !system.includes(name)) ?? 'admin';
}

/** A unique local /64 of 40 random bits, subnet 0 (RFC 4193 section 3). */
export function generatePool(randomBytes: (size: number) => Uint8Array): string {
  const globalId = BigInt(`0x${Buffer.from(randomBytes(5)).toString('hex')}`);
  return `${formatIpv6((0xfdn << 120n) | (globalId << 80n))}/64`;
}
