import { type Language, zoneName } from '@liaison/core/web';

/** The zone of this browser. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

function offsetName(zone: string, when: Date): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(
    when,
  );
  return parts.find((part) => part.type === 'timeZoneName')?.value.replace('GMT', 'UTC') ?? 'UTC';
}

interface Option {
  readonly value: string;
  readonly label: string;
}

const knownBy = new Map<Language, readonly Option[]>();

/** All zones that this browser knows, for a field that is searched by typing a city. `also` is there whatever it is. */
export function zoneOptions(also: string, language: Language): readonly Option[] {
  const now = new Date();
  const optionOf = (zone: string): Option => ({
    value: zone,
    label: `${zoneName(zone, language)} (${offsetName(zone, now)})`,
  });
  let known = knownBy.get(language);
  if (!known) {
    known = [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', ownZone()])].sort().map(optionOf);
    knownBy.set(language, known);
  }
  return known.some((zone) => zone.value === also) ? known : [{ value: also, label: also }, ...known];
}
