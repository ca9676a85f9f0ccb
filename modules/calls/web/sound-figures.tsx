import { useTranslation } from 'react-i18next';
import classes from './call-panel.module.css';
import { useCalls } from './calls-provider.tsx';
import type { DirectionQuality } from './sound-quality.ts';
import { useTroubleText } from './trouble-text.ts';

/** How the sound arrives, both ways: a word for everybody, figures for who looks after the network. */
export function SoundFigures() {
  const { t, i18n } = useTranslation('calls');
  const { quality } = useCalls();
  const troubleText = useTroubleText();
  if (!quality?.theirs && !quality?.mine) return null;
  const one = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  const figures = ({ loss, jitterMs, mos }: DirectionQuality): string =>
    t('quality.figures', {
      word: mos >= 4 ? t('quality.good') : mos >= 3.1 ? t('quality.fair') : t('quality.poor'),
      loss: one.format(loss * 100),
      jitter: one.format(jitterMs),
      mos: one.format(mos),
    });
  const trouble = troubleText(quality.trouble);
  return (
    <section aria-label={t('quality.title')}>
      {trouble ? <p className={classes.deaf}>{trouble}</p> : null}
      <dl className={classes.figures}>
        {quality.theirs ? (
          <>
            <dt>{t('quality.theirs')}</dt>
            <dd>{figures(quality.theirs)}</dd>
          </>
        ) : null}
        {quality.mine ? (
          <>
            <dt>{t('quality.mine')}</dt>
            <dd>{figures(quality.mine)}</dd>
          </>
        ) : null}
      </dl>
    </section>
  );
}
