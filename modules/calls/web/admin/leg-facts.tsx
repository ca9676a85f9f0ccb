import { useFormat } from '@liaison/core/web';
import { Tag } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import type { WatchedCall } from '../../contract/index.ts';
import classes from './admin.module.css';

type Leg = NonNullable<WatchedCall['now']>['legs'][number];

/** How each leg of a running call is and sounds, in words. `short`: what has a place in a row. */
export function LegFacts({ call, short = false }: { call: WatchedCall; short?: boolean }) {
  const { t } = useTranslation('calls');
  const format = useFormat();
  const { now } = call;
  if (!now || now.state === 'ended') return null;
  const words = (leg: Leg): string =>
    [
      t(`leg.kind.${leg.kind === 'page' || leg.kind === 'telephone' ? leg.kind : 'service'}`),
      ...(leg.held ? [t('leg.held')] : []),
      ...(leg.codec ? [leg.codec] : []),
      ...(leg.transcoded ? [t('leg.transcoded')] : []),
      ...(leg.codec ? [leg.protection ?? t('leg.plain')] : []),
      ...(leg.lossPercent === null || (short && leg.lossPercent === 0)
        ? []
        : [t('leg.loss', { percent: format.number(leg.lossPercent) })]),
      ...(leg.jitterMs === null || short
        ? []
        : [t('leg.jitter', { ms: format.number(Math.round(leg.jitterMs)) })]),
      ...(leg.roundTripMs === null || short
        ? []
        : [t('leg.roundTrip', { ms: format.number(Math.round(leg.roundTripMs)) })]),
      ...(leg.score === null
        ? []
        : [t('leg.score', { score: format.number(Math.round(leg.score * 10) / 10) })]),
    ].join(' · ');
  return (
    <span className={classes.legs}>
      {now.path ? <Tag tone={now.path === 'direct' ? 'accent' : 'plain'}>{t(`path.${now.path}`)}</Tag> : null}{' '}
      {now.legs.map((leg) => (
        <span key={leg.id}>
          <small>{t(`leg.role.${leg.role}`)}:</small> {words(leg)}
        </span>
      ))}
    </span>
  );
}

/** How an ended call sounded, side by side, where it was measured. */
export function Scores({ call }: { call: WatchedCall }) {
  const { t } = useTranslation('calls');
  const format = useFormat();
  const sides = (['caller', 'callee'] as const).filter((side) => call.scores[side] !== null);
  if (sides.length === 0) return null;
  return (
    <span className={classes.legs}>
      {sides.map((side) => (
        <span key={side}>
          <small>{t(`leg.role.${side}`)}:</small>{' '}
          {t('leg.score', { score: format.number(Math.round((call.scores[side] ?? 0) * 10) / 10) })}
        </span>
      ))}
    </span>
  );
}
