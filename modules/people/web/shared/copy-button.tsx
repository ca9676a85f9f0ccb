import { IconButton } from '@liaison/ui';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** Copies a text. Pages on plain HTTP under a name have no clipboard: the text is then selected in a field of its own. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.readOnly = true;
    document.body.append(field);
    field.select();
    const copied = document.execCommand('copy');
    field.remove();
    return copied;
  }
}

/** A button that copies, and says that it did. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation('people');
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      aria-label={copied ? t('copied') : label}
      onClick={() => void copyText(text).then((done) => setCopied(done))}
    >
      {copied ? <IconCheck size={18} /> : <IconCopy size={18} />}
    </IconButton>
  );
}
