import 'react';

declare module 'react' {
  interface CSSProperties {
    /** A custom property handed to a style sheet. */
    [property: `--${string}`]: string | number | undefined;
  }
}
