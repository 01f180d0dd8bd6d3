import type { FileSpec } from './files.ts';
import type { SecretRef } from './secret.ts';

/** A service's running form: one Kubernetes Pod, whichever engine plays it. */
export interface Pod {
  service: string;
  /** Inner addresses, the same whoever the provider is: by these the site itself reaches it. */
  ipv6: string;
  ipv4: string;
  containers: Container[];
  /** Names the pod may look up without DNS: only those of services it is allowed to reach. */
  aliases: { ip: string; names: string[] }[];
  /** Inner IPv6 of the name server it asks; without one it knows its aliases alone. */
  resolver?: string;
  probe: Probe;
  /** Seconds the first probe may take to pass, counted from the start of the pod. */
  startSeconds: number;
}

export type Protocol = 'tcp' | 'udp';

export interface Container {
  /** Unique in the pod: `app`, `nginx`, `pgbouncer`. */
  name: string;
  /** Name of an image recipe. */
  image: string;
  /** argv; never holds a secret. */
  command: string[];
  /** Numeric user and group, the same inside and outside, never 0. */
  user: number;
  /** Limit in MiB. */
  memory: number;
  files: FileSpec[];
  mounts: Mount[];
  /** Paths that are empty, writable and gone with the pod (tmpfs): `/tmp`, `/run/nginx`. */
  scratch: string[];
  /** Where the folder with the daemon's socket for the portal is mounted, read-only. */
  daemonSocket?: string;
  /** How the container takes in changed files. */
  reload: Reload;
  /** How it is seen that it has; where there is none, its service has to answer. */
  proofs?: Proof[];
}

/** What is seen from outside a container when it uses what its files say. */
export type Proof =
  /** A TLS client that names `host` is shown the certificate of a file. PostgreSQL is first asked for TLS. */
  | { kind: 'certificate'; file: string; host: string; port: number; startTls?: 'postgres' }
  /** A session through a pooler, in a database of it, is one of the login in force. */
  | { kind: 'pooler'; console: PoolerConsole; database: string; role: SecretRef }
  /** The database server lets this machine in with the newest password. */
  | { kind: 'administrator' };

export interface Mount {
  /** A volume the service requested. */
  volume: string;
  path: string;
}

export type Reload =
  | { how: 'signal'; signal: string }
  | { how: 'exec'; argv: string[] }
  | { how: 'restart' }
  /** Told through its console as soon as no login at the server is half way; by HUP where it lets nobody in. */
  | { how: 'pooler'; console: PoolerConsole };

/** A pooler's own user, on its socket in a scratch directory of its container. */
export interface PoolerConsole {
  /** Index of the scratch directory. */
  scratch: number;
  port: number;
  user: string;
  password: SecretRef;
}

/** How the daemon asks, from outside the pod, whether a service serves. */
export type Probe =
  /** HTTPS on the pod's IPv6, certificate checked for `host`. Healthy on one of `status`. */
  | { kind: 'https'; host: string; path: string; status: number[] }
  /** Sends bytes (hex) and wants the answer, as hex, to match. With `tls`, the name is checked. */
  | { kind: 'exchange'; port: number; tls?: string; send: string; expect: string }
  /** Asks for `name` over UDP and wants any authoritative answer. */
  | { kind: 'dns'; port: number; name: string }
  /** The port accepts a connection. */
  | { kind: 'tcp'; port: number };
