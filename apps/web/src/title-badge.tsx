import { useTitle } from '@liaison/core/web';
import { useEffect } from 'react';

const plain = '/icons/mark.svg';
const marked = '/icons/mark-new.svg';

/** Something unread shows on the browser's tab and, where Liaison is installed, on its icon. */
export function TitleBadge() {
  const { name, count } = useTitle();
  useEffect(() => {
    const before = count > 0 ? `(${count > 99 ? '99+' : count}) ` : '';
    document.title = `${before}${name === undefined ? '' : `${name} · `}Liaison`;
  }, [name, count]);
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (link) link.href = count > 0 ? marked : plain;
    if (!('setAppBadge' in navigator)) return;
    void (count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => {
      // Not installed, or the machine shows no counts.
    });
  }, [count]);
  return null;
}
