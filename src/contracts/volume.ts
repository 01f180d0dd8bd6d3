/** Data that outlives the pod: `<state>/volumes/<service>/<name>` on this machine. */
export interface VolumeRequest {
  contract: 'volume';
  name: string;
  /** uid = gid of its owner; the mode is 0700. */
  owner: number;
  why: string;
}

export interface VolumeResult {
  /** To be named in a container's mounts. */
  volume: string;
}

export function volume(request: Omit<VolumeRequest, 'contract'>): VolumeRequest {
  return { contract: 'volume', ...request };
}
