import { type KeyBinding, useKeys } from '@liaison/core/web';
import { useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ShownPlace } from './places.tsx';

/** Keys of the shell itself: find, the list of keys, and a sequence for each place. */
export function useShellKeys(
  places: readonly ShownPlace[],
  open: { find: () => void; keys: () => void },
): void {
  const { t } = useTranslation('shell');
  const router = useRouter();
  const everywhere = t('keys.everywhere');
  const bindings: KeyBinding[] = [
    { keys: 'Ctrl+K', label: t('keys.find'), group: everywhere, run: open.find },
    { keys: '?', label: t('keys.help'), group: everywhere, run: open.keys },
  ];
  for (const place of places) {
    if (!place.keys) continue;
    bindings.push({
      keys: place.keys,
      label: t('keys.goTo', { place: place.label }),
      group: t('keys.go'),
      run: () => router.history.push(place.href),
    });
  }
  useKeys(bindings);
}
