import { fingerprint } from './fingerprint.ts';

/** Where one site keeps what it owns on this machine (DESIGN section 13). Absolute paths, nothing is made. */
export interface Layout {
  root: string;
  /** The site file as last accepted by `up`. */
  site: string;
  stateDb: string;
  secretsDb: string;
  /** Lives of logins; no value. */
  leasesDb: string;
  /** Opens `secretsDb` where no passphrase does. */
  hostKey: string;
  /** Who read and wrote which secret. */
  audit: string;
  /** Held for as long as a daemon lives. */
  lock: string;
  /** tmpfs: rendered files, scratch directories. */
  run: string;
  /** What podman is run with. */
  containersConf: string;
  socket: string;
  /** Folder of the socket for the portal's pod, which it is mounted into; on tmpfs. */
  portalSocket: string;
  log: string;
  images: string;
  volume(service: string, name: string): string;
  files(service: string, container: string): string;
  scratch(service: string, container: string, index: number): string;
}

export function layoutOf(state: string, domain: string): Layout {
  const root = `${state}/${domain}`;
  const run = `${root}/run`;
  return {
    root,
    site: `${root}/site.yaml`,
    stateDb: `${root}/state.db`,
    secretsDb: `${root}/secrets.db`,
    leasesDb: `${root}/leases.db`,
    hostKey: `${root}/host.key`,
    audit: `${root}/audit/audit.jsonl`,
    lock: `${root}/lock.db`,
    run,
    containersConf: `${root}/containers.conf`,
    socket: socketOf(root),
    portalSocket: `${run}/portal`,
    log: `${root}/log`,
    images: `${root}/images`,
    volume: (service, name) => `${root}/volumes/${service}/${name}`,
    files: (service, container) => `${run}/files/${service}/${container}`,
    scratch: (service, container, index) => `${run}/scratch/${service}/${container}/${index}`,
  };
}

/** The kernel takes at most 107 bytes (unix(7)): below a long path the socket goes to /run, under a hash. */
function socketOf(root: string): string {
  const path = `${root}/daemon.sock`;
  return Buffer.byteLength(path) <= 107 ? path : `/run/allod-${fingerprint(root)}.sock`;
}
