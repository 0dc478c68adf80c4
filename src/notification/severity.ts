/** How urgent something is, rising. */
export const SEVERITIES = ["info", "caution", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Whether one is at least as urgent as another. */
export function isAtLeast(severity: Severity, other: Severity): boolean {
	return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(other);
}

/** The most urgent of several; null of none. */
export function gravest(severities: readonly Severity[]): Severity | null {
	return SEVERITIES.findLast((severity) => severities.includes(severity)) ?? null;
}
