import { type Language, zoneName } from '@liaison/core/web';

let known: readonly string[] | undefined;

/** All zones that this browser knows; `also` is there whatever it is. */
export function zoneOptions(also: string, language: Language): readonly { value: string; label: string }[] {
  known ??= [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC'])].sort();
  const zones = known.includes(also) ? known : [also, ...known];
  return zones.map((zone) => ({ value: zone, label: zoneName(zone, language) }));
}
