import { useAction, useApi, useProblemText } from '@liaison/core/web';
import { Menu, useToasts } from '@liaison/ui';
import { IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { readPreferences, setPlacePreference, type When, whens } from '../contract/index.ts';

/** When news of one conversation come: as all of their kind, or otherwise. */
export default function ConversationItems({
  conversationId,
  spaceId,
}: {
  conversationId: string;
  spaceId: string;
}) {
  const { t } = useTranslation('notify');
  const problemText = useProblemText();
  const toasts = useToasts();
  const { data } = useApi(readPreferences);
  const set = useAction(setPlacePreference, {
    invalidates: [readPreferences],
    onFailed: (error) => toasts.show({ text: problemText(error).text, tone: 'danger' }),
  });
  const chosen = data?.places.find((place) => place.containerId === conversationId && place.kind === null);
  const choices: readonly (When | null)[] = [null, ...whens];
  return (
    <>
      <Menu.Divider />
      <Menu.Label>{t('conversation.title')}</Menu.Label>
      {choices.map((when) => {
        const isChosen = data !== undefined && (chosen?.when ?? null) === when;
        return (
          <Menu.Item
            key={when}
            role="menuitemradio"
            aria-checked={isChosen}
            disabled={data === undefined}
            leftSection={isChosen ? <IconCheck size={16} /> : <span style={{ width: 16 }} />}
            onClick={() => set.mutate({ body: { spaceId, containerId: conversationId, kind: null, when } })}
          >
            {t(when === null ? 'conversation.asUsual' : `conversation.${when}`)}
          </Menu.Item>
        );
      })}
    </>
  );
}
