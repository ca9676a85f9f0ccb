import { useTranslation } from 'react-i18next';
import { type FeatureName, featureOfCode } from '../contract/index.ts';

/** What dialling each code does, in a few words. */
export function useFeatureNames(): Record<FeatureName, string> {
  const { t } = useTranslation('calls');
  return {
    echo: t('features.echo'),
    tone: t('features.tone'),
    'last-caller': t('features.lastCaller'),
    'dnd-toggle': t('features.dndToggle'),
    'dnd-on': t('features.dndOn'),
    'dnd-off': t('features.dndOff'),
    available: t('features.available'),
    away: t('features.away'),
  };
}

/** The name of what answers under a code; undefined for anything else. */
export function useFeatureName(dialled: string | undefined): string | undefined {
  const names = useFeatureNames();
  const feature = dialled === undefined ? undefined : featureOfCode(dialled);
  return feature && names[feature.name];
}
