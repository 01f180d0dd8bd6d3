import { type ExecOptions, exec } from '../../util/exec.ts';

/** Runs podman with our own configuration file, never the host's. */
export type Podman = (args: string[], options?: ExecOptions) => Promise<string>;

export function podman(containersConf: string): Podman {
  return (args, options = {}) =>
    exec(['podman', ...args], { ...options, env: { ...options.env, ...podmanEnv(containersConf) } });
}

/** What makes podman read our configuration file alone. */
export function podmanEnv(containersConf: string): Record<string, string> {
  return { CONTAINERS_CONF: containersConf };
}

/** The mark of one site on everything it makes in podman. */
export function siteLabel(domain: string): string {
  return `allod.site=${domain}`;
}

export function podName(domain: string, service: string): string {
  // The service comes first: `contacts` with a container `app` and a service `contacts-app` are two.
  return `${service}.${domain}.allod`;
}

/** `podman kube play` names containers so. */
export function containerName(domain: string, service: string, container: string): string {
  return `${podName(domain, service)}-${container}`;
}
