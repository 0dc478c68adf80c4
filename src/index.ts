/** The public API. Node-RED nodes import from here only, so that all of them share one copy of it. */
export type { BankRegistry, PublisherState, RegisteredBank, ServerHandover } from "./bank-registry.ts";
export type { Bank } from "./bms/bank.ts";
export * from "./bms/battery/conditions.ts";
export * from "./bms/battery/datapoints.ts";
export * from "./bms/battery/quantities.ts";
export type * from "./bms/battery/snapshot.ts";
export * from "./bms/battery/states.ts";
export { BANK_SETTINGS, type BankSettings } from "./bms/options.ts";
export { type Clock, systemClock } from "./clock.ts";
export { MQTT_SETTINGS, type MqttSettings } from "./discovery/options.ts";
export * from "./errors.ts";
export { createConsoleLogger, type Logger, silentLogger } from "./logger.ts";
export { defaultsOf, type Setting, type SettingsOf, type SettingsTable, type SettingValue } from "./settings.ts";
export { SIMULATOR_SETTINGS, type SimulatorSettings } from "./simulator/options.ts";

/** Version of this source tree, as in package.json. */
export const VERSION = "0.1.0";
