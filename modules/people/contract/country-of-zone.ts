let countries: Map<string, string> | null = null;

/** The country of a time zone, as the engine's own tables have it (ISO 3166-1); null for zones of no country (`UTC`). */
export function countryOfZone(timeZone: string): string | null {
  countries ??= read();
  return countries.get(timeZone) ?? null;
}

function read(): Map<string, string> {
  const found = new Map<string, string>();
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  for (const first of letters) {
    for (const second of letters) {
      const locale = new Intl.Locale(`und-${first}${second}`) as Intl.Locale & {
        getTimeZones?: () => string[] | undefined;
      };
      // Codes of countries that are no more stand for those that are there now.
      const { region } = locale;
      if (!region) continue;
      for (const zone of locale.getTimeZones?.() ?? []) if (!found.has(zone)) found.set(zone, region);
    }
  }
  return found;
}
