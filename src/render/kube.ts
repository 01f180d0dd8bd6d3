import type { Container, Pod } from '../model/pod.ts';
import { writeYaml } from './yaml.ts';

/** Where things of a pod are on the machine that runs it. */
export interface HostPaths {
  files(service: string, container: string): string;
  scratch(service: string, container: string, index: number): string;
  volume(service: string, volume: string): string;
  portalSocket: string;
}

/** A pod as Kubernetes YAML: what `podman kube play` and a cluster take. */
export function renderPod(pod: Pod, name: string, labels: Record<string, string>, paths: HostPaths): string {
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: {
      hostname: pod.service, // the pod's own name, taken otherwise, may be longer than sethostname(2) allows
      restartPolicy: 'Always',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 10,
      hostAliases: pod.aliases.map(({ ip, names }) => ({ ip, hostnames: names })),
      ...(pod.resolver === undefined
        ? {}
        : { dnsPolicy: 'None', dnsConfig: { nameservers: [pod.resolver] } }),
      containers: pod.containers.map((container) => renderContainer(container)),
      volumes: pod.containers.flatMap((container) => renderVolumes(pod, container, paths)),
    },
  };
  return writeYaml(object);
}

function renderContainer(container: Container): object {
  return {
    name: container.name,
    image: container.image,
    imagePullPolicy: 'Never',
    command: container.command,
    resources: { limits: { memory: `${container.memory}Mi` } },
    securityContext: {
      runAsUser: container.user,
      runAsGroup: container.user,
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: `${container.name}-files`, mountPath: '/etc/allod', readOnly: true },
      ...container.scratch.map((path, i) => ({ name: `${container.name}-scratch-${i}`, mountPath: path })),
      ...container.mounts.map(({ volume, path }) => ({
        name: `${container.name}-volume-${volume}`,
        mountPath: path,
      })),
      ...(container.daemonSocket === undefined
        ? []
        : [{ name: `${container.name}-daemon`, mountPath: container.daemonSocket, readOnly: true }]),
    ],
  };
}

function renderVolumes(pod: Pod, container: Container, paths: HostPaths): object[] {
  const { service } = pod;
  const { name } = container;
  return [
    hostDirectory(`${name}-files`, paths.files(service, name)),
    ...container.scratch.map((_, i) =>
      hostDirectory(`${name}-scratch-${i}`, paths.scratch(service, name, i)),
    ),
    ...container.mounts.map(({ volume }) =>
      hostDirectory(`${name}-volume-${volume}`, paths.volume(service, volume)),
    ),
    ...(container.daemonSocket === undefined ? [] : [hostDirectory(`${name}-daemon`, paths.portalSocket)]),
  ];
}

function hostDirectory(name: string, path: string): object {
  return { name, hostPath: { path, type: 'Directory' } };
}
