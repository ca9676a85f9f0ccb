import { useTranslation } from 'react-i18next';
import type { CallRecord } from '../contract/index.ts';

/** ITU-T G.107 Annex B: below 3.1 many users are dissatisfied. */
const poorMos = 3.1;
const isPoor = ({ quality }: CallRecord): boolean =>
  Math.min(quality?.theirs?.mos ?? 5, quality?.mine?.mos ?? 5) < poorMos;

/** "Missed, rang 24 s", "Incoming, 6 min", "Outgoing, no answer": the second line of a call in the history. */
export function useRecordText(): (call: CallRecord) => string {
  const { t } = useTranslation('calls');
  const lasted = (fromIso: string, toIso: string): string => {
    const seconds = Math.max(0, Math.round((Date.parse(toIso) - Date.parse(fromIso)) / 1000));
    if (seconds < 60) return t('record.seconds', { seconds });
    const minutes = Math.round(seconds / 60);
    if (minutes < 60) return t('record.minutes', { minutes });
    return t('record.hours', { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  };
  const withThird = (call: CallRecord, text: string): string => {
    if (call.transferredTo) return t('record.transferredTo', { text, name: call.transferredTo.name });
    if (call.transferredBy) return t('record.transferredBy', { text, name: call.transferredBy.name });
    if (call.returnedFrom) return t('record.returnedFrom', { text, name: call.returnedFrom.name });
    return text;
  };
  const textOf = (call: CallRecord): string => {
    if (!call.endedAt) return call.answeredAt ? t('record.running') : t('record.ringing');
    if (call.missed) {
      if (call.reason === 'busy') return t('record.missedBusy');
      if (call.reason === 'do-not-disturb') return t('record.missedDnd');
      if (call.reason === 'offline') return t('record.missedOffline');
      return t('record.missed', { length: lasted(call.startedAt, call.endedAt) });
    }
    if (call.answeredAt) {
      const length = lasted(call.answeredAt, call.endedAt);
      return call.direction === 'incoming'
        ? t('record.incoming', { length })
        : t('record.outgoing', { length });
    }
    if (call.direction === 'incoming') return t('record.incomingRefused');
    switch (call.reason) {
      case 'declined':
        return t('record.outgoingDeclined');
      case 'busy':
        return t('record.outgoingBusy');
      case 'no-answer':
        return t('record.outgoingNoAnswer');
      case 'offline':
        return t('record.outgoingOffline');
      case 'do-not-disturb':
        return t('record.outgoingDnd');
      case 'cancelled':
        return t('record.outgoingCancelled');
      case 'transferred':
        return t('record.outgoingTransferred');
      default:
        return t('record.outgoingFailed');
    }
  };
  return (call) => {
    const text = withThird(call, textOf(call));
    return isPoor(call) ? t('quality.wasPoor', { text }) : text;
  };
}
