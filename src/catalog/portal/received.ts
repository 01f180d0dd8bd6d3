import type { Request } from '../../contracts/contracts.ts';
import type { Received } from '../../contracts/service.ts';
import type { SecretRef } from '../../model/secret.ts';
import type { DeviceService, Gate, SignOnClient, Tile } from '../../model/sign-on.ts';
import { clientSecret } from './fulfil.ts';

type Of<Contract extends Request['contract']> = Extract<Request, { contract: Contract }>;

/** A service of one kind of request, with what is told of it everywhere. */
interface Asked<R extends Request> {
  service: string;
  title: string;
  /** `https://projects.example.org` */
  origin: string;
  access: { access?: string[] };
  request: R;
}

/** Services that sign people in, sorted by id. */
export function clientsOf(received: Received[]): SignOnClient[] {
  return askedOf(received, 'oidc-client').map(({ service, title, origin, access, request }) => ({
    ...{ id: service, title, secrets: withPrevious(clientSecret(service)) },
    redirectUris: request.redirectPaths.map((path) => origin + path),
    postLogoutUris: (request.postLogoutPaths ?? ['/']).map((path) => origin + path),
    ...(request.backchannelLogoutPath === undefined
      ? {}
      : { backchannelLogoutUri: origin + request.backchannelLogoutPath }),
    ...access,
  }));
}

export function gatesOf(received: Received[]): Gate[] {
  return askedOf(received, 'forward-auth').map(({ service, access, request }) => ({
    ...{ service, origin: `https://${request.host}` },
    ...access,
  }));
}

/** What people see, in the order of its title. */
export function tilesOf(received: Received[]): Tile[] {
  const tiles = askedOf(received, 'tile').map(({ service, title, origin, access, request }) => ({
    ...{ service, title, description: request.description },
    ...{ url: origin + (request.path ?? '/'), icon: request.icon },
    ...access,
  }));
  return tiles.sort((a, b) => (a.title < b.title ? -1 : 1));
}

export function devicesOf(received: Received[]): DeviceService[] {
  return askedOf(received, 'app-passwords').map(({ service, title, origin, access, request }) => ({
    ...{ service, title, protocols: request.protocols, server: `${origin}/` },
    ...access,
  }));
}

export function withPrevious(ref: SecretRef): SecretRef[] {
  return [ref, { ...ref, previous: true }];
}

function askedOf<Contract extends Request['contract']>(
  received: Received[],
  contract: Contract,
): Asked<Of<Contract>>[] {
  const titles = titlesOf(received);
  return received
    .flatMap(({ consumer, request }) =>
      request.contract === contract ? [{ consumer, request: request as Of<Contract> }] : [],
    )
    .map(({ consumer: { id, host, access }, request }) => ({
      ...{ service: id, title: titles.get(id) ?? id, origin: `https://${host}`, request },
      access: access === undefined ? {} : { access },
    }))
    .sort((a, b) => (a.service < b.service ? -1 : 1));
}

/** What people call each service: as its tile says, else by its folder; several of a folder by their ids too. */
function titlesOf(received: Received[]): Map<string, string> {
  const titles = new Map(
    received.map(({ consumer: { id, type }, title }) => [id, id === type ? title : `${title} (${id})`]),
  );
  for (const { consumer, request } of received)
    if (request.contract === 'tile' && request.title !== undefined) titles.set(consumer.id, request.title);
  return titles;
}
