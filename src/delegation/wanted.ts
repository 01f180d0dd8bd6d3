/** What those who are not this site say of its names: the servers of the zones above, and of the addresses. */
export interface WantedNames {
  zones: WantedZone[];
  pointers: WantedPointer[];
}

export interface WantedZone {
  /** Without the dot at its end, as all names here. */
  name: string;
  /** Of a reverse zone: the prefix whose addresses it names. */
  prefix?: string;
  servers: WantedServer[];
  /**
   * Every DS record that a key of the zone would fit; empty where the zone is not signed. Absent where that could not be
   * found out, and is not judged.
   */
  ds?: Ds[];
}

export interface WantedServer {
  name: string;
  ipv4: string[];
  /** Canonical (RFC 5952). */
  ipv6: string[];
}

/** The address has this one name, and the name has the address (FCrDNS). */
export interface WantedPointer {
  address: string;
  name: string;
}

/** RFC 4034 section 5. */
export interface Ds {
  keyTag: number;
  algorithm: number;
  digestType: number;
  /** Lower-case hex. */
  digest: string;
}

/** Where questions go that this site cannot answer itself. */
export interface Server {
  address: string;
  port: number;
}
