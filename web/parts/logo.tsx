/** The mark: three lines of a ledger, two of them already settled. */
export function Logo() {
  return (
    <svg viewBox="0 0 32 32" width={24} height={24} aria-hidden style={{ flex: "none" }}>
      <rect width="32" height="32" rx="7" fill="#14181d" stroke="var(--line)" />
      <g fill="none" strokeWidth="3.4" strokeLinecap="round">
        <path d="M7.5 10h17" stroke="#2bb5a0" />
        <path d="M7.5 16h12" stroke="#e9a23b" />
        <path d="M7.5 22h6" stroke="#f4f6f8" />
      </g>
    </svg>
  );
}
