/** The few drawings of the navigation; each stands beside words or has a label at its button. */
import type { ReactNode } from 'react';

function Icon({ children }: { readonly children: ReactNode }) {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

const path = (d: string) => () => (
  <Icon>
    <path d={d} />
  </Icon>
);

export const Cross = path('M4 4l8 8M12 4l-8 8');
export const OverviewIcon = path('M2.5 8h3M5.5 4.5v7M5.5 4.5h3M5.5 11.5h3M8.5 3h5v3h-5zM8.5 10h5v3h-5z');
export const ReleasesIcon = path('M8 2l5.5 3v6L8 14l-5.5-3V5zM2.5 5L8 8l5.5-3M8 8v6');
export const LogsIcon = path('M3 4h10M3 8h7M3 12h9');
export const MetricsIcon = path('M2.5 13.5h11M2.5 10l3-3.5 3 2 4.5-5');
export const EnvironmentsIcon = path('M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01');
export const TryIcon = path('M6 2h4M7 2v4l-4 7a.7.7 0 0 0 .6 1h8.8a.7.7 0 0 0 .6-1L9 6V2M4.8 10h6.4');
export const SearchIcon = path('M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM11 11l3 3');
export const HelpIcon = path('M6 6a2 2 0 1 1 2.8 1.8c-.5.3-.8.7-.8 1.4M8 11.5h.01M8 14.5A6.5 6.5 0 1 0 8 1.5a6.5 6.5 0 0 0 0 13z');
export const ChevronIcon = path('M5 6.5l3 3 3-3');
export const ExternalIcon = path('M9 3h4v4M13 3L7.5 8.5M11 9.5V13H3V5h3.5');

/** Half light, half dark. */
export function ThemeIcon() {
  return (
    <Icon>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" stroke="none" />
    </Icon>
  );
}
