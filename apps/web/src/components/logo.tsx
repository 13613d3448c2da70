/** One row of latents, one of them active. */
export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" className="text-accent shrink-0">
      <g fill="currentColor">
        <rect x="2" y="10.5" width="3" height="3" rx="1" opacity=".45" />
        <rect x="6.25" y="10.5" width="3" height="3" rx="1" opacity=".45" />
        <rect x="10.5" y="2.5" width="3" height="19" rx="1" />
        <rect x="14.75" y="10.5" width="3" height="3" rx="1" opacity=".45" />
        <rect x="19" y="10.5" width="3" height="3" rx="1" opacity=".45" />
      </g>
    </svg>
  );
}
