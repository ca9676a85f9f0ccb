import { useDial } from '@liaison/core/web';
import { Menu, type PersonView, usePersonVerbs, useToasts } from '@liaison/ui';
import {
  IconAddressBook,
  IconCopy,
  IconMessageCircle,
  IconPhone,
  IconUser,
  IconUserPlus,
} from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import { type Ref, type RefObject, useLayoutEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { FoundNumber } from '../../contract/find-numbers.ts';

export interface NumberMenuProps {
  /** The chip that it hangs on, drawn elsewhere. */
  at: RefObject<HTMLElement | null>;
  id: string;
  opened: boolean;
  onChange: (opened: boolean) => void;
  number: FoundNumber;
  /** The number as it is written for people. */
  shown: string;
  /** A colleague whose it is. */
  person?: PersonView;
  /** It is my own. */
  mine?: boolean;
  /** A card of my address books. */
  card?: { readonly id: string; readonly name: string };
}

/** What can be done with a number: with whoever has it first, then with the number. */
export default function NumberMenu({ at, id, opened, onChange, ...parts }: NumberMenuProps) {
  return (
    <Menu id={id} opened={opened} onChange={onChange} position="bottom-start" offset={6} withinPortal>
      <Menu.Target>
        <Anchor at={at} />
      </Menu.Target>
      <Menu.Dropdown>
        <Items {...parts} />
      </Menu.Dropdown>
    </Menu>
  );
}

const nobody: PersonView = { id: '', name: '' };

function Items({
  number: { e164 },
  shown,
  person,
  mine = false,
  card,
}: Omit<NumberMenuProps, 'at' | 'id' | 'opened' | 'onChange'>) {
  const { t } = useTranslation('reach');
  const toasts = useToasts();
  const { history } = useRouter();
  const dial = useDial();
  const offered = usePersonVerbs(person ?? nobody);
  const verbs = person ? offered : {};
  const name = person?.name ?? card?.name ?? shown;
  const copy = (text: string): void => {
    // Pages on plain HTTP under a name have no clipboard.
    void Promise.resolve(navigator.clipboard?.writeText(text) ?? Promise.reject()).then(
      () => toasts.show({ id: 'number-copied', text: t('number.copied') }),
      () => toasts.show({ tone: 'danger', text: t('number.notCopied') }),
    );
  };
  return (
    <>
      {verbs.call ? (
        <Menu.Item leftSection={<IconPhone size={16} />} onClick={verbs.call}>
          {t('number.callPerson', { name })}
        </Menu.Item>
      ) : null}
      {dial && e164 !== null && !person ? (
        <Menu.Item leftSection={<IconPhone size={16} />} onClick={() => dial(e164, name)}>
          {card ? t('number.callPerson', { name }) : t('number.call', { number: shown })}
        </Menu.Item>
      ) : null}
      {verbs.chat && !mine ? (
        <Menu.Item leftSection={<IconMessageCircle size={16} />} onClick={verbs.chat}>
          {t('number.write', { name })}
        </Menu.Item>
      ) : null}
      {verbs.open ? (
        <Menu.Item leftSection={<IconUser size={16} />} onClick={verbs.open}>
          {t('number.open', { name })}
        </Menu.Item>
      ) : null}
      {card ? (
        <Menu.Item
          leftSection={<IconAddressBook size={16} />}
          onClick={() => history.push(`/contacts/${card.id}`)}
        >
          {t('number.open', { name })}
        </Menu.Item>
      ) : null}
      {e164 === null ? null : (
        <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => copy(e164)}>
          {t('number.copy', { number: shown })}
        </Menu.Item>
      )}
      {e164 !== null && !person && !card ? (
        <Menu.Item
          leftSection={<IconUserPlus size={16} />}
          onClick={() => history.push(`/contacts/new?number=${encodeURIComponent(e164)}`)}
        >
          {t('number.add')}
        </Menu.Item>
      ) : null}
    </>
  );
}

/** Stands for an element that is drawn elsewhere, and was there before. */
function Anchor({ at, ref }: { at: RefObject<HTMLElement | null>; ref?: Ref<HTMLElement> }) {
  useLayoutEffect(() => {
    if (typeof ref !== 'function') return;
    ref(at.current);
    return () => void ref(null);
  }, [at, ref]);
  return null;
}
