import { isLanguage, type Language, languageNames, languages } from '@liaison/core/web';
import { Select } from '@liaison/ui';
import { useTranslation } from 'react-i18next';

const data = languages.map((language) => ({ value: language, label: languageNames[language] }));

export function LanguageSelect({
  value,
  onChange,
  description,
}: {
  value: Language;
  onChange: (language: Language) => void;
  description?: string;
}) {
  const { t } = useTranslation('people');
  return (
    <Select
      label={t('field.language')}
      description={description}
      data={data}
      value={value}
      onChange={(language) => isLanguage(language) && onChange(language)}
      allowDeselect={false}
    />
  );
}
