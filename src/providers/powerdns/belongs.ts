/** Name of the zone that a name is in: the longest one it ends with; undefined where it is in none. No trailing dots. */
export function zoneOf(name: string, zones: Iterable<string>): string | undefined {
  let longest: string | undefined;
  for (const zone of zones) {
    const inside = name === zone || name.endsWith(`.${zone}`);
    if (inside && zone.length > (longest?.length ?? -1)) longest = zone;
  }
  return longest;
}

/** The domain name of a record resource, which is named `<fqdn>/<type>`. */
export function hostOf(record: string): string {
  return record.slice(0, record.lastIndexOf('/'));
}
