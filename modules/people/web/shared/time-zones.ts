/** The zone of this browser. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

/** `America/Sao_Paulo` → `Sao Paulo`. */
export const cityOf = (zone: string): string => (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');

function offsetName(zone: string, when: Date): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(
    when,
  );
  return parts.find((part) => part.type === 'timeZoneName')?.value.replace('GMT', 'UTC') ?? 'UTC';
}

let known: readonly { value: string; label: string }[] | undefined;

/** All zones that this browser knows, for a field that is searched by typing a city. `also` is there whatever it is. */
export function zoneOptions(also: string): readonly { value: string; label: string }[] {
  if (!known) {
    const now = new Date();
    known = [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', ownZone()])]
      .sort()
      .map((zone) => ({ value: zone, label: `${zone.replaceAll('_', ' ')} (${offsetName(zone, now)})` }));
  }
  return known.some((zone) => zone.value === also) ? known : [{ value: also, label: also }, ...known];
}
