import type { AppPasswordsResult } from '../../contracts/app-passwords.ts';
import type { DirectoryBindResult } from '../../contracts/directory-bind.ts';
import { type Content, LIVE } from '../../model/files.ts';

export const PORT = 5232;
export const CA = 'ca.pem';
/** MiB. A whole calendar comes in one body when it is imported; parsing it takes about thirty times that. */
export const MAX_BODY = 8;

/** Where Radicale keeps its storage, and in it a folder for each person, by name; relative to its volume. */
const STORAGE = 'collections';
export const BY_NAME = `${STORAGE}/collection-root`;

/** Collections a person has from the first sign-in on: most phones cannot make the first one. */
const FIRST_COLLECTIONS = {
  contacts: { 'D:displayname': 'Contacts', tag: 'VADDRESSBOOK' },
  calendar: {
    'D:displayname': 'Calendar',
    tag: 'VCALENDAR',
    'C:supported-calendar-component-set': 'VEVENT,VJOURNAL,VTODO',
  },
};

/** Radicale's configuration; every option is on its documentation page "Configuration". */
export function radicaleConfig(people: DirectoryBindResult, devices: AppPasswordsResult): Content {
  return {
    format: 'ini',
    sections: {
      server: {
        hosts: `127.0.0.1:${PORT}`,
        // A failed sign-in is held back for a second: enough room that guessing does not shut others out.
        max_connections: 64,
        max_content_length: MAX_BODY * 1024 * 1024,
        timeout: 30,
      },
      auth: {
        type: 'directory_login',
        realm: 'Contacts and calendars',
        delay: 1,
        ldap_uri: `ldaps://${people.host}:${people.port}`,
        ldap_base: devices.base,
        ldap_filter: '(&(objectClass=device)(uid={0})(cn={1}))',
        ldap_user_attribute: 'uid',
        ldap_reader_dn: people.bind,
        ldap_secret: people.password,
        ldap_ssl_ca_file: `${LIVE}/${CA}`,
      },
      rights: { type: 'owner_only' },
      storage: {
        filesystem_folder: `/var/lib/radicale/${STORAGE}`,
        predefined_collections: JSON.stringify(FIRST_COLLECTIONS),
      },
      web: { type: 'internal' },
      // nginx in the pod writes the access log; here only what is wrong, failed sign-ins among it.
      logging: { level: 'warning' },
    },
  };
}
