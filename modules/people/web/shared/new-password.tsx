import { PasswordInput } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { minPasswordLength } from './fields.ts';

/** A password to be set: what is asked of it is said before it is refused. */
export function NewPassword({
  value,
  onChange,
  checked,
  label,
}: {
  value: string;
  onChange: (password: string) => void;
  /** The form was sent once: complaints may be shown. */
  checked: boolean;
  label?: string;
}) {
  const { t } = useTranslation('people');
  return (
    <PasswordInput
      label={label ?? t('field.password')}
      description={t('field.newPasswordHint', { count: minPasswordLength })}
      name="new-password"
      autoComplete="new-password"
      maxLength={256}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={
        checked && value.length < minPasswordLength
          ? t('field.passwordShort', { count: minPasswordLength })
          : undefined
      }
      visibilityToggleButtonProps={{ 'aria-label': t('field.passwordShow'), tabIndex: 0 }}
    />
  );
}
