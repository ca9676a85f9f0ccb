import { useRouter } from '@tanstack/react-router';
import { useCallback } from 'react';

export const folderPath = (folderId: string): string => `/files/${folderId}`;
/** A file looked at in its folder. */
export const filePath = (file: { id: string; parentId: string | null }): string =>
  `/files/${file.parentId ?? file.id}?file=${file.id}`;
export const trashPath = (treeId: string): string => `/files/trash/${treeId}`;
export const sharedPath = '/files/shared';
export const linksPath = (treeId: string): string => `/files/links/${treeId}`;
export const starredPath = '/files/starred';

/** Goes to an address of the suite. */
export function useGo(): (href: string) => void {
  const { history } = useRouter();
  return useCallback((href) => history.push(href), [history]);
}
