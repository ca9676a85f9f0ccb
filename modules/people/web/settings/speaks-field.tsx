import { localeFor } from '@liaison/core/web';
import { Actions, Button, Select } from '@liaison/ui';
import { IconX } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

/** What is offered; any other tag that the server keeps stays. ISO 639 codes of widely spoken languages. */
const offered =
  'af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu ha he hi hr hu hy id ig is it ja ka kk km kn ko ku ky lb ln lo lt lv mg mk ml mn mr ms mt my ne nl no om pa pl ps pt qu ro ru rw si sk sl so sq sr sv sw ta te tg th ti tr uk ur uz vi wo xh yo zh zu'.split(
    ' ',
  );
const atMost = 12;

/** The languages that somebody speaks; others see them before they write or call. */
export function SpeaksField({
  tags,
  onChange,
}: {
  tags: readonly string[];
  onChange: (tags: readonly string[]) => void;
}) {
  const { t, i18n } = useTranslation('people');
  const names = useMemo(
    () => new Intl.DisplayNames([localeFor(i18n.language)], { type: 'language', fallback: 'code' }),
    [i18n.language],
  );
  const data = useMemo(
    () =>
      offered
        .filter((tag) => !tags.includes(tag))
        .map((tag) => ({ value: tag, label: names.of(tag) ?? tag }))
        .sort((a, b) => a.label.localeCompare(b.label, i18n.language)),
    [tags, names, i18n.language],
  );
  return (
    <>
      <Select
        label={t('field.speaks')}
        description={t('field.speaksHint')}
        placeholder={t('field.speaksAdd')}
        data={data}
        value={null}
        onChange={(tag) => tag && onChange([...tags, tag])}
        searchable
        limit={60}
        disabled={tags.length >= atMost}
        nothingFoundMessage={t('field.speaksNone')}
      />
      {tags.length > 0 ? (
        <Actions>
          {tags.map((tag) => (
            <Button
              key={tag}
              variant="soft"
              rightSection={<IconX size={14} />}
              aria-label={t('field.speaksRemove', { language: names.of(tag) ?? tag })}
              onClick={() => onChange(tags.filter((each) => each !== tag))}
            >
              {names.of(tag) ?? tag}
            </Button>
          ))}
        </Actions>
      ) : null}
    </>
  );
}
