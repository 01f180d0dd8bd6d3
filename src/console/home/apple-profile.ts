import type { DeviceService } from '../../model/sign-on.ts';
import type { Me } from '../../server/browser-api.ts';

type Dav = 'CardDAV' | 'CalDAV';

/** Which kinds of account a phone of Apple's makes of a service. */
export function davProtocols({ protocols }: Pick<DeviceService, 'protocols'>): Dav[] {
  return (['CardDAV', 'CalDAV'] as const).filter((dav) => protocols.some((name) => name.includes(dav)));
}

interface Wanted {
  me: Pick<Me, 'name' | 'domain' | 'title'>;
  service: Pick<DeviceService, 'service' | 'title' | 'protocols' | 'server'>;
  /** Makes a UUID. */
  ids: () => string;
}

/**
 * A configuration profile that sets up contacts and calendars; the phone asks for the password, which is not in it
 * (Apple, Device Management: payloads `com.apple.carddav.account` and `com.apple.caldav.account`).
 */
export function appleProfile({ me, service, ids }: Wanted): string {
  const { hostname, port } = new URL(
    service.server.includes('://') ? service.server : `https://${service.server}`,
  );
  const accounts = davProtocols(service).map((dav) =>
    payload(
      `com.apple.${dav.toLowerCase()}.account`,
      `${me.domain}.${service.service}.${dav.toLowerCase()}`,
      ids(),
      [
        [`${dav}AccountDescription`, `${me.title}: ${service.title}`],
        [`${dav}HostName`, hostname],
        [`${dav}Port`, Number(port || 443)],
        [`${dav}UseSSL`, true],
        [`${dav}Username`, me.name],
      ],
    ),
  );
  const content = `<key>PayloadContent</key><array>${accounts.join('')}</array>`;
  const whole = payload(
    'Configuration',
    `${me.domain}.${service.service}`,
    ids(),
    [['PayloadDisplayName', `${me.title}: ${service.title}`]],
    content,
  );
  const doctype =
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">';
  return `<?xml version="1.0" encoding="UTF-8"?>\n${doctype}\n<plist version="1.0">${whole}</plist>\n`;
}

type Entry = [string, string | number | boolean];

function payload(type: string, identifier: string, uuid: string, entries: Entry[], more = ''): string {
  const all: Entry[] = [
    ['PayloadType', type],
    ['PayloadVersion', 1],
    ['PayloadIdentifier', identifier],
    ['PayloadUUID', uuid],
    ...entries,
  ];
  return `<dict>${all.map(([key, value]) => `<key>${key}</key>${element(value)}`).join('')}${more}</dict>`;
}

function element(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? '<true/>' : '<false/>';
  if (typeof value === 'number') return `<integer>${value}</integer>`;
  return `<string>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</string>`;
}
