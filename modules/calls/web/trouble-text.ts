import { useTranslation } from 'react-i18next';
import type { SoundTrouble } from './sound-quality.ts';

/** What is wrong with the sound, in a sentence; null where nothing is. */
export function useTroubleText(): (trouble: SoundTrouble | null) => string | null {
  const { t } = useTranslation('calls');
  return (trouble) => {
    switch (trouble) {
      case 'their-gaps':
        return t('quality.theirGaps');
      case 'their-jitter':
        return t('quality.theirJitter');
      case 'my-gaps':
        return t('quality.myGaps');
      case 'late':
        return t('quality.late');
      case null:
        return null;
    }
  };
}
