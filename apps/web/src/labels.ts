import { englishLabels, type Labels, reaches } from '@liaison/ui';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

/** The design system's own words in the reader's language. */
export function useUiLabels(): Labels {
  const { t } = useTranslation('shell');
  return useMemo(() => {
    const reach = Object.fromEntries(
      reaches.map((state) => [state, t(`ui.reach.${state}`)]),
    ) as Labels['reach'];
    const verbs = Object.keys(englishLabels.lineVerb) as (keyof Labels['lineVerb'])[];
    const ringingIn = (name: string): string => t('ui.lineSays.ringingIn', { name });
    return {
      ...englishLabels,
      reach,
      reachUntil: (state, until) => t('ui.reachUntil', { state: reach[state], until }),
      lastKnown: (state, at) => t('ui.lastKnown', { state: reach[state], at }),
      hourThere: (time) => t('ui.hourThere', { time }),
      loading: t('loading'),
      call: t('ui.call'),
      video: t('ui.video'),
      chat: t('ui.chat'),
      mail: t('ui.mail'),
      verbFor: (verb, name) => t('ui.verbFor', { verb, name }),
      line: t('ui.line'),
      lineVerb: Object.fromEntries(
        verbs.map((verb) => [verb, t(`ui.lineVerb.${verb}`)]),
      ) as Labels['lineVerb'],
      lineSays: {
        idle: '',
        ringingIn,
        ringingOut: (name) => t('ui.lineSays.ringingOut', { name }),
        call: (name) => t('ui.lineSays.call', { name }),
        held: (name) => t('ui.lineSays.held', { name }),
        two: (talking, held) => t('ui.lineSays.two', { talking, held }),
        meeting: (title) => t('ui.lineSays.meeting', { title }),
        reconnecting: (name) => t('ui.lineSays.reconnecting', { name }),
        ended: (name, what) => t('ui.lineSays.ended', { name, what }),
      },
      next: t('ui.next'),
      moreVerbs: t('ui.moreVerbs'),
      fewerVerbs: t('ui.fewerVerbs'),
      incomingCall: t('ui.incomingCall'),
      incomingFrom: ringingIn,
      answer: t('ui.lineVerb.answer'),
      answerVideo: t('ui.lineVerb.answer-video'),
      refuse: t('ui.lineVerb.refuse'),
      refuseWithWord: t('ui.lineVerb.refuse-with-word'),
      skipToPage: t('ui.skipToPage'),
      sections: t('ui.sections'),
      more: t('ui.more'),
      back: t('ui.back'),
      showList: t('ui.showList'),
      list: t('ui.list'),
      side: t('ui.side'),
      close: t('ui.close'),
      cancel: t('ui.cancel'),
      send: t('ui.send'),
      unread: (count) => t('ui.unread', { count }),
      missed: t('ui.missed'),
      selectAll: t('ui.selectAll'),
      selectRow: (name) => t('ui.selectRow', { name }),
      selected: (count) => t('ui.selected', { count }),
      clearSelection: t('ui.clearSelection'),
      replies: (count) => t('ui.replies', { count }),
      sending: t('ui.sending'),
      queued: t('ui.queued'),
      failed: t('ui.failed'),
      retry: t('ui.retry'),
      discard: t('ui.discard'),
      details: t('ui.details'),
      reference: t('ui.reference'),
      newSince: (time) => t('ui.newSince', { time }),
      findOrCall: t('find.open'),
      found: (count) => t('ui.found', { count }),
      nothingFound: t('ui.nothingFound'),
      keyMove: t('ui.keyMove'),
      keyDo: t('ui.keyDo'),
      keyVerbs: t('ui.keyVerbs'),
      keys: t('ui.keys'),
      notices: t('ui.notices'),
      now: t('ui.now'),
      keyNames: {
        ctrl: t('ui.keyNames.ctrl'),
        shift: t('ui.keyNames.shift'),
        enter: t('ui.keyNames.enter'),
        esc: t('ui.keyNames.esc'),
        tab: t('ui.keyNames.tab'),
      },
    };
  }, [t]);
}
