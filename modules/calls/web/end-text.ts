import { useFormat } from '@liaison/core/web';
import { useTranslation } from 'react-i18next';
import type { CallView } from '../contract/index.ts';

/** What a call came to, in one sentence that names the next step where there is one. */
export function useEndText(): (call: CallView) => string {
  const { t } = useTranslation('calls');
  const format = useFormat();
  return (call) => {
    const { name } = call.peer;
    if (call.direction === 'incoming' && call.answeredAt === null) return t('ended.missed', { name });
    switch (call.reason) {
      case 'declined':
        return t('ended.declined', { name });
      case 'busy':
        return t('ended.busy', { name });
      case 'no-answer':
        return t('ended.noAnswer');
      case 'offline':
        return t('ended.offline', { name });
      case 'do-not-disturb':
        return t('ended.doNotDisturb', { name });
      case 'transferred':
        return t('ended.transferred', { name, to: call.transferredTo?.name ?? '' });
      case 'lost':
        return t('ended.lost');
      case 'failed':
        return t('ended.failed');
      default: {
        const ms =
          call.answeredAt && call.endedAt ? Date.parse(call.endedAt) - Date.parse(call.answeredAt) : 0;
        const length = format.duration(ms);
        if (call.endedBy === 'me') return t('ended.byMe', { length });
        if (call.endedBy === 'peer') return t('ended.byPeer', { length });
        return t('ended.completed', { length });
      }
    }
  };
}
