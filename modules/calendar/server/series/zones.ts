/** Names that programs of one large maker write in the place of the IANA's; the commonest, by the map of CLDR. */
const otherNames: Readonly<Record<string, string>> = {
  'Argentina Standard Time': 'America/Argentina/Buenos_Aires',
  'AUS Eastern Standard Time': 'Australia/Sydney',
  'Central America Standard Time': 'America/Guatemala',
  'Central Europe Standard Time': 'Europe/Budapest',
  'Central European Standard Time': 'Europe/Warsaw',
  'Central Standard Time': 'America/Chicago',
  'Central Standard Time (Mexico)': 'America/Mexico_City',
  'China Standard Time': 'Asia/Shanghai',
  'E. Africa Standard Time': 'Africa/Nairobi',
  'E. South America Standard Time': 'America/Sao_Paulo',
  'Eastern Standard Time': 'America/New_York',
  'Egypt Standard Time': 'Africa/Cairo',
  'FLE Standard Time': 'Europe/Kyiv',
  'GMT Standard Time': 'Europe/London',
  'Greenwich Standard Time': 'Atlantic/Reykjavik',
  'GTB Standard Time': 'Europe/Bucharest',
  'India Standard Time': 'Asia/Kolkata',
  'Montevideo Standard Time': 'America/Montevideo',
  'Morocco Standard Time': 'Africa/Casablanca',
  'Mountain Standard Time': 'America/Denver',
  'New Zealand Standard Time': 'Pacific/Auckland',
  'Pacific SA Standard Time': 'America/Santiago',
  'Pacific Standard Time': 'America/Los_Angeles',
  'Romance Standard Time': 'Europe/Paris',
  'Russian Standard Time': 'Europe/Moscow',
  'SA Pacific Standard Time': 'America/Bogota',
  'SE Asia Standard Time': 'Asia/Bangkok',
  'Singapore Standard Time': 'Asia/Singapore',
  'South Africa Standard Time': 'Africa/Johannesburg',
  'Tokyo Standard Time': 'Asia/Tokyo',
  'W. Central Africa Standard Time': 'Africa/Lagos',
  'W. Europe Standard Time': 'Europe/Berlin',
};

function isZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

/**
 * The IANA zone that a TZID means, or null. VTIMEZONE's own rules are never followed: a file could make them as deep and many
 * as it likes, and those of the IANA are newer than whatever an old file holds.
 *
 * Departs from RFC 5545 §3.6.5: a zone that is known by its name alone is taken by it, as RFC 7809 §3.1.1 lets programs do.
 */
export function ianaZoneOf(tzid: string): string | null {
  if (tzid.length > 100) return null;
  const known = otherNames[tzid];
  if (known) return known;
  if (isZone(tzid)) return tzid;
  // `/example.org/Olson_20260101/Europe/Lisbon`: what comes last are the zone's own words.
  const last = /([A-Za-z_]+(?:\/[A-Za-z_+-]+){1,2})$/.exec(tzid)?.[1];
  return last && isZone(last) ? last : null;
}
