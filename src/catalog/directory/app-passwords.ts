import type { AppPasswordsResult } from '../../contracts/app-passwords.ts';
import type { Requests } from '../../contracts/contracts.ts';
import type { Context, Fulfilment } from '../../contracts/service.ts';
import { type AppsSpec, appsName } from '../../model/app-passwords.ts';
import { baseDn } from '../../util/dn.ts';

/** The place of a service's app passwords, where it asked for one. */
export function appPasswordsFor(
  { site }: Context,
  { service: { id, access } }: Context,
  requests: Requests,
): Required<Pick<Fulfilment, 'results' | 'resources'>> {
  const asked = Object.entries(requests).filter(([, request]) => request.contract === 'app-passwords');
  if (asked.length === 0) return { results: {}, resources: [] };
  const result: AppPasswordsResult = { base: `ou=${id},ou=apps,${baseDn(site.domain)}` };
  const spec: AppsSpec = access === undefined ? {} : { access };
  return {
    results: Object.fromEntries(asked.map(([key]) => [key, result])),
    resources: [
      {
        kind: 'account',
        name: appsName(id),
        spec,
        rule: 'app-passwords',
        sentence: `${id} is opened by app passwords of those who may use it`,
      },
    ],
  };
}
