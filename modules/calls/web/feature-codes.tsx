import { Heading } from '@liaison/ui';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { features } from '../contract/index.ts';
import classes from './telephones-pane.module.css';
import { useFeatureNames } from './use-feature-name.ts';

/** The codes that a telephone's keys can dial, for whoever has no screen there to look at. */
export function FeatureCodes() {
  const { t } = useTranslation('calls');
  const names = useFeatureNames();
  return (
    <section className={classes.part}>
      <Heading>{t('features.title')}</Heading>
      <p>{t('features.how')}</p>
      <dl className={classes.facts}>
        {features.map(({ name, code }) => (
          <Fragment key={code}>
            <dt>{code}</dt>
            <dd>{names[name]}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}
