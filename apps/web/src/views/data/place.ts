/** Where traces are looked at: a capture, or several that are assembled together. */
export interface Place {
  readonly kind: 'captures' | 'workspaces';
  readonly id: string;
}

/** Its page; the API has the same below `/api`. */
export function placeHref({ kind, id }: Place): string {
  return `/${kind}/${encodeURIComponent(id)}`;
}
