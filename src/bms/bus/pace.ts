/** What is added to the settings of a line that is in trouble or shared. */
export interface Pace {
	readonly extraGapMs: number;
	readonly extraTimeoutMs: number;
	/** The line must have been quiet for so long before a question, ms; 0 = the gap alone decides. */
	readonly quietMs: number;
}

/** Nothing is added. */
export const AS_SET: Pace = { extraGapMs: 0, extraTimeoutMs: 0, quietMs: 0 };
