/** State of the owner role of a removed service whose data stays. */
export const KEPT = 'kept';
/** State of the owner role while it is being made, and of every login role. */
export const STARTED = 'started';
export const LOGIN = 'login';

export interface Mark {
  domain: string;
  /** Name of the resource. */
  resource: string;
  /** A fingerprint, or one of the words above. */
  state: string;
}

/** The comment of a role of ours: `allod example.org projects 0123456789abcdef`. */
export function formatMark({ domain, resource, state }: Mark): string {
  return `allod ${domain} ${resource} ${state}`;
}

/** Undefined where a comment is none of ours. */
export function parseMark(comment: string | null): Mark | undefined {
  const [allod, domain, resource, state, ...rest] = (comment ?? '').split(' ');
  if (allod !== 'allod' || !domain || !resource || !state || rest.length > 0) return undefined;
  return { domain, resource, state };
}
