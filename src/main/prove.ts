import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { patiently, proveCertificate } from '../engines/proof.ts';
import type { Layout } from '../model/layout.ts';
import type { Pod, PoolerConsole, Proof } from '../model/pod.ts';
import { type Pooler, provePooler } from '../providers/postgres/pooler-session.ts';
import type { Server } from '../providers/postgres/server.ts';
import type { Reveal } from '../render/content.ts';

export interface ProverParts {
  layout: Layout;
  reveal: Reveal;
  pod(service: string): Pod | undefined;
  server: Server;
  waitUntilServing(pod: Pod): Promise<void>;
}

/** Where a pooler's console is on this machine. */
export function poolerAt(
  { layout, reveal }: Pick<ProverParts, 'layout' | 'reveal'>,
  service: string,
  container: string,
  { scratch, port, user, password }: PoolerConsole,
): Pooler {
  return { directory: layout.scratch(service, container, scratch), port, user, password: reveal(password) };
}

/** Sees, from outside a container, that it uses what its files say. Throws Transient where it does not. */
export function prover({ layout, reveal, pod, server, waitUntilServing }: ProverParts) {
  async function proveOne(service: string, container: string, proof: Proof): Promise<void> {
    switch (proof.kind) {
      case 'certificate': {
        const address = pod(service)?.ipv6 ?? '';
        const pem = readFileSync(join(layout.files(service, container), 'live', proof.file), 'utf8');
        return await proveCertificate({ ...proof, address }, pem);
      }
      case 'pooler': {
        const { database, role } = proof;
        const pooler = poolerAt({ layout, reveal }, service, container, proof.console);
        return await patiently(() => provePooler(pooler, database, reveal(role)));
      }
      case 'administrator':
        return await patiently(() => server.tryNewest());
    }
  }

  return async (service: string, container: string, proofs: Proof[]): Promise<void> => {
    const found = pod(service);
    if (proofs.length === 0 && found) await waitUntilServing(found);
    await Promise.all(proofs.map((proof) => proveOne(service, container, proof)));
  };
}
