/** Name of the node's property that keeps a row of BANK_SETTINGS: `id` belongs to Node-RED. */
export function bankProperty(key: string): string {
	return key === "id" ? "bankId" : key;
}

/** Name of the node's property that keeps a row of SIMULATOR_SETTINGS. */
export function simulatorProperty(key: string): string {
	return `sim${key.charAt(0).toUpperCase()}${key.slice(1)}`;
}
