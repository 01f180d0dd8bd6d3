import type { Context } from '../../src/doctor/check.ts';

/** What checks are given on a machine with nothing wrong and no site; some keys otherwise. */
export function doctorContext(keys: Partial<Context> = {}): Context {
  return {
    node: process.version,
    uid: 0,
    stateRoot: '/',
    ports: [],
    missingPackages: async () => [],
    startContainer: async () => 'runc with cgroupfs',
    holderOf: async () => undefined,
    isOurs: () => false,
    doors: [],
    names: { zones: [], pointers: [] },
    resolvers: [],
    bridge: async () => undefined,
    pods: async () => [],
    sourceTo: async () => undefined,
    certificates: async () => [],
    askDaemon: async () => undefined,
    askSecrets: async () => undefined,
    ...keys,
  };
}
