/** The socket by which the portal asks the daemon: a fixed list of verbs. For no other service. */
export interface DaemonSocketRequest {
  contract: 'daemon-socket';
  why: string;
}

export interface DaemonSocketResult {
  /** Path in the container that sets `daemonSocket`. */
  path: string;
}

export function daemonSocket(request: Omit<DaemonSocketRequest, 'contract'>): DaemonSocketRequest {
  return { contract: 'daemon-socket', ...request };
}
