import { z } from 'zod';
import { fingerprint } from '../model/fingerprint.ts';
import type { AdminApi, AdminVerb } from './admin-api.ts';
import { name, nothing, password } from './portal-schema.ts';

export interface AdminRule<Request> {
  schema: z.ZodType<Request>;
  /** What it is done to, for the audit log, without a secret; undefined where it only looks, which is not recorded. */
  text: (request: Request) => string | undefined;
}

const line = z.string().max(256);
/** Of the whole file; the largest that has been seen is a hundredth of it. */
const site = z.string().max(400_000);
const id = z.string().min(1).max(128);
const path = z.string().min(1).max(512);
const names = z.array(name).max(1000);
const limit = z.int().min(1).max(1000);
const profile = { name, displayName: line.exactOptional(), mail: line.exactOptional() };
const device = { name, service: name };

/** Only looks. */
function look<Request>(schema: z.ZodType<Request>): AdminRule<Request> {
  return { schema, text: () => undefined };
}

function change<Request>(
  schema: z.ZodType<Request>,
  text: (request: Request) => string | undefined,
): AdminRule<Request> {
  return { schema, text };
}

export const adminVerbs: { [V in AdminVerb]: AdminRule<AdminApi[V]['request']> } = {
  people: look(nothing),
  addPerson: change(
    z.strictObject({ ...profile, password: password.exactOptional(), groups: names.exactOptional() }),
    (one) => one.name,
  ),
  changePerson: change(z.strictObject(profile), (one) => one.name),
  setPassword: change(z.strictObject({ name, password: password.exactOptional() }), (one) => one.name),
  disablePerson: change(z.strictObject({ name, disabled: z.boolean() }), (one) =>
    one.disabled ? one.name : `${one.name}: no longer`,
  ),
  removePerson: change(z.strictObject({ name }), (one) => one.name),
  restorePerson: change(z.strictObject({ name }), (one) => one.name),
  invite: change(z.strictObject({ ...profile, groups: names.exactOptional() }), (one) => one.name),
  resetLink: change(z.strictObject({ name }), (one) => one.name),
  links: look(nothing),
  withdrawLink: change(z.strictObject({ id }), (one) => one.id),
  groups: look(nothing),
  addGroup: change(z.strictObject({ name, description: line.exactOptional() }), (one) => one.name),
  removeGroup: change(z.strictObject({ name }), (one) => one.name),
  setMembers: change(
    z.strictObject({ group: name, add: names.exactOptional(), remove: names.exactOptional() }),
    ({ group, add = [], remove = [] }) =>
      [group, ...add.map((one) => `+${one}`), ...remove.map((one) => `-${one}`)].join(' '),
  ),
  appPasswords: look(z.strictObject({ name })),
  addAppPassword: change(
    z.strictObject({ ...device, label: z.string().min(1).max(120) }),
    (one) => `${one.name} ${one.service}`,
  ),
  removeAppPassword: change(
    z.strictObject({ ...device, id }),
    (one) => `${one.name} ${one.service} ${one.id}`,
  ),

  tasks: look(nothing),
  task: look(z.strictObject({ id: z.int().min(1), follow: z.boolean().exactOptional() })),
  siteFile: look(nothing),
  checkSite: look(z.strictObject({ site })),
  applySite: change(z.strictObject({ site, was: site }), (one) => `text ${fingerprint(one.site)}`),
  restartService: change(z.strictObject({ service: name }), (one) => one.service),
  certificates: look(nothing),
  images: look(nothing),
  addresses: look(nothing),
  /** What people did at a service is in there: who reads it is recorded. */
  logs: change(
    z.strictObject({ service: name, lines: z.int().min(0).max(10_000), follow: z.boolean() }),
    (one) => one.service,
  ),
  doctor: look(nothing),
  ignoreFinding: change(z.strictObject({ id, ignored: z.boolean() }), (one) =>
    one.ignored ? one.id : `${one.id}: no longer`,
  ),
  activity: look(z.strictObject({ limit })),
  checklist: look(nothing),

  status: look(nothing),
  lock: look(nothing),
  renumber: change(z.strictObject({ action: z.enum(['show', 'go-on']) }), ({ action }) =>
    action === 'show' ? undefined : action,
  ),
  secrets: look(z.strictObject({ path: path.exactOptional() })),
  rotateSecrets: change(z.strictObject({ path: path.exactOptional() }), (one) => one.path ?? 'all'),
  leases: look(nothing),
  delegations: look(nothing),
  records: look(nothing),
  audit: look(z.strictObject({ limit })),
  verifyAudit: look(nothing),
};
