/** `America/Sao_Paulo` → `Sao Paulo`. */
export const cityOf = (zone: string): string => (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');

let known: readonly { value: string; label: string }[] | undefined;

/** All zones that this browser knows; `also` is there whatever it is. */
export function zoneOptions(also: string): readonly { value: string; label: string }[] {
  known ??= [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC'])]
    .sort()
    .map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }));
  return known.some(({ value }) => value === also) ? known : [{ value: also, label: also }, ...known];
}
