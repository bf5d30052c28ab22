import { PRIVATE_API } from '../../private/messages';

/** Where traces are looked at: a capture, or several that are assembled together. */
export interface Place {
  readonly kind: 'captures' | 'workspaces';
  readonly id: string;
  /** Only this tab has it: its files were opened privately. */
  readonly isPrivate?: boolean;
}

/** The page of all private places. Which of them is said behind the `#`, which no browser sends to a server. */
export const PRIVATE_PAGE = '/private';

/** Its page. */
export function placeHref(place: Place): string {
  return `${place.isPrivate ? `${PRIVATE_PAGE}#` : ''}${pathOf(place)}`;
}

/** What the API has of it. */
export function placeApi(place: Place): string {
  return `${place.isPrivate ? PRIVATE_API : '/api'}${pathOf(place)}`;
}

function pathOf({ kind, id }: Place): string {
  return `/${kind}/${encodeURIComponent(id)}`;
}
