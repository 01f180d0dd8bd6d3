import { certificateRefs } from '../contracts/certificate.ts';
import type { Request } from '../contracts/contracts.ts';
import type { Context } from '../contracts/service.ts';
import type { CertificateSpec } from '../model/certificate.ts';
import { loginRefs } from '../model/database.ts';
import type { Opening } from '../model/exposure.ts';
import type { LoginSpec } from '../model/login.ts';
import type { Kind, Resource } from '../model/resource.ts';
import { type SecretSpec, secretRef } from '../model/secret.ts';

/** Where the pod of the portal has the daemon's socket. */
const PORTAL_SOCKET = '/run/allod/daemon.sock';

export interface CoreFulfilment {
  result: unknown;
  resources: Resource[];
  openings: Opening[];
}

/** Name of the certificate resource that is the site CA itself. */
export const SITE_CA = 'site-ca';

/** Fulfils the contracts that need no server: the store, the disk and the network do. */
export function coreContracts(consumer: Context, request: Request): CoreFulfilment {
  const service = consumer.service.id;
  const granted = { result: {}, resources: [], openings: [] };

  function resource(kind: Kind, name: string, spec: unknown, needs: string[] = []): Resource {
    const why = { service, rule: request.contract, sentence: request.why };
    return { kind, name, service, why, needs, spec };
  }

  switch (request.contract) {
    case 'secret': {
      const path = `${service}/${request.name}`;
      const { bits = 256, form = 'text', rotation = 'any-time' } = request;
      const spec: SecretSpec = {
        bits,
        ...(form === 'text' ? {} : { form }),
        ...(rotation === 'any-time' ? {} : { rotation }),
      };
      const resources = [resource('secret', path, spec)];
      return { ...granted, result: { ref: secretRef(path) }, resources };
    }
    case 'daemon-socket':
      if (consumer.service.type !== 'portal') throw new Error(`${service} has no business with the daemon`);
      return { ...granted, result: { path: PORTAL_SOCKET } };
    case 'volume': {
      const spec = { service, name: request.name, owner: request.owner };
      const resources = [resource('volume', `${service}/${request.name}`, spec)];
      return { ...granted, result: { volume: request.name }, resources };
    }
    case 'certificate': {
      const [name] = request.names;
      const { lifetime, acme } = consumer.site.certificates;
      const spec: CertificateSpec = {
        names: request.names,
        ...(request.addresses ? { addresses: request.addresses } : {}),
        lifetime,
        ...(request.ports ? { tlsa: request.ports } : {}),
        ...(request.public && acme ? { acme } : {}),
      };
      const resources = [resource('certificate', name, spec, [`certificate/${SITE_CA}`])];
      return { ...granted, result: certificateRefs(name), resources };
    }
    case 'login': {
      const { owner, databases } = request;
      const spec: LoginSpec = { owner, databases, times: consumer.site.secrets.logins };
      return { ...granted, result: loginRefs(service), resources: [resource('login', service, spec)] };
    }
    case 'personal-data': // the daemon reads it from the site: personal-data.ts
      return granted;
    case 'public-port': {
      const { port, endPort, protocol, hosts = [], from, listen, why } = request;
      if (from?.length === 0) return granted;
      const opening: Opening = {
        hosts: [consumer.service.host, ...hosts],
        ...{ port, protocol, why },
        ...(endPort === undefined ? {} : { endPort }),
        ipv4: listen === false ? 'none' : 'forwarded',
        ...(from ? { from } : {}),
        ...(listen ? { listen } : {}),
      };
      return { ...granted, openings: [opening] };
    }
    default:
      throw new Error(`${request.contract} is not fulfilled by the core`);
  }
}
