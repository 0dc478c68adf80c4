/** The public API. Node-RED nodes import from here only, so that all of them share one copy of it. */
export { type Autonomy, estimateAutonomy, type Lasts, type MinutesLeft } from "./autonomy/autonomy.ts";
export { autonomyWords, durationWords } from "./autonomy/autonomy-words.ts";
export { AUTONOMY_SETTINGS, type AutonomySettings } from "./autonomy/options.ts";
export { addPower, type SmoothedPower } from "./autonomy/smoothed-power.ts";
export { targetTime } from "./autonomy/target-time.ts";
export { BankRegistry, type PublisherState, type RegisteredBank, type ServerHandover } from "./bank-registry.ts";
export type { Bank } from "./bms/bank.ts";
export * from "./bms/battery/conditions.ts";
export * from "./bms/battery/contact.ts";
export * from "./bms/battery/datapoints.ts";
export type { EnergyStore } from "./bms/battery/energy.ts";
export * from "./bms/battery/quantities.ts";
export type { PackStatus } from "./bms/battery/readings.ts";
export type * from "./bms/battery/snapshot.ts";
export * from "./bms/battery/states.ts";
export { argumentOfText, valuesOfText } from "./bms/command/argument-text.ts";
export * from "./bms/command/command.ts";
export type { AuditEntry, CommandStore, ParameterSave } from "./bms/command/command-store.ts";
export { PasswordBrake } from "./bms/command/password-brake.ts";
export { openBank } from "./bms/open-bank.ts";
export { BANK_SETTINGS, type BankSettings } from "./bms/options.ts";
export { candidate } from "./bms/probe/candidates.ts";
export { type ProbePortOptions, probePort } from "./bms/probe/probe-port.ts";
export type { ProbeReport } from "./bms/probe/probe-report.ts";
export { listPorts, type SerialPortInfo } from "./bms/transport/list-ports.ts";
export { openModemLines } from "./bms/transport/modem-lines.ts";
export { type Clock, systemClock } from "./clock.ts";
export { createDiscovery, type Discovery, type DiscoveryDeps } from "./discovery/discovery-publisher.ts";
export { MQTT_SETTINGS, type MqttSettings } from "./discovery/options.ts";
export { CONTACT_SEMANTICS } from "./dry-contact/contact-semantics.ts";
export { createDryContacts, type DryContactDeps, type DryContacts } from "./dry-contact/dry-contact-service.ts";
export type { LineReader } from "./dry-contact/line-watch.ts";
export { CONTACT_SETTINGS, type ContactSettings } from "./dry-contact/options.ts";
export { positionIn } from "./dry-contact/positions.ts";
export * from "./errors.ts";
export {
	COMMANDS as GENERATOR_COMMANDS,
	type Command as GeneratorCommand,
	commanded as commandGenerator,
	decide as decideGenerator,
	type GeneratorInputs,
	type GeneratorState,
	initialState as initialGenerator,
	PHASES as GENERATOR_PHASES,
	type Phase as GeneratorPhase,
	readGeneratorState,
	resumed as resumedGenerator,
} from "./generator/generator.ts";
export { generatorWords } from "./generator/generator-words.ts";
export { GENERATOR_SETTINGS, type GeneratorSettings } from "./generator/options.ts";
export {
	type CallOptions,
	type HomeAssistant,
	type HomeAssistantAction,
	type HomeAssistantDeps,
	type HomeAssistantState,
	openHomeAssistant,
} from "./home-assistant/home-assistant.ts";
export { HomeAssistantError } from "./home-assistant/home-assistant-error.ts";
export { HOME_ASSISTANT_SETTINGS, type HomeAssistantSettings } from "./home-assistant/options.ts";
export type { HomeAssistantEvent } from "./home-assistant/session.ts";
export { LANGUAGES, type Language, say, type Text, type TextValues } from "./languages.ts";
export { type Action, decide } from "./load-shedding/decide.ts";
export { explainOverall, explainStages, type Overall, type ReasonCode, type StageStatus } from "./load-shedding/explain.ts";
export { SHED_SETTINGS, type ShedRules } from "./load-shedding/options.ts";
export type { Order, ShedSettings } from "./load-shedding/orders.ts";
export { type Inputs as ShedInputs, outageOf } from "./load-shedding/prepare.ts";
export { shedReadings, type Told } from "./load-shedding/shed-readings.ts";
export { newState, type Position, readState, restarted, type ShedState } from "./load-shedding/shed-state.ts";
export { actionWords, causeWords, overallWords, reasonWords } from "./load-shedding/shed-words.ts";
export { DEFAULT_STAGES, LEVEL_PAIRS, MOST_STAGES, readStages, STAGE_FIELDS, type Stage, type StageField } from "./load-shedding/stages.ts";
export { type Readings, TRIGGERS, type TriggerKind } from "./load-shedding/triggers.ts";
export { createConsoleLogger, type Logger, silentLogger } from "./logger.ts";
export { FAMILIES, FAMILY_KEYS, type FamilyKey, familyRow } from "./notification/families.ts";
export {
	type DigestLine,
	type Issue,
	type ManagerState,
	type Notice,
	type NoticeKind,
	newState as newManagerState,
} from "./notification/issue.ts";
export { memoryOf, readManagerState } from "./notification/kept-state.ts";
export { type LocalTime, machineTime, type ToLocalTime } from "./notification/local-time.ts";
export {
	type Command as NotificationCommand,
	type CustomAlarm,
	carryOut as carryOutNotification,
	decide as decideNotification,
	resumed as resumedManager,
	waitMs as notificationWaitMs,
} from "./notification/manager.ts";
export { FAMILY_NAMES } from "./notification/notice-texts.ts";
export { buttonWords, noticeWords, type Wording, type Words } from "./notification/notice-words.ts";
export { escalationSteps, NOTIFICATION_SETTINGS, type NotificationSettings } from "./notification/options.ts";
export { SEVERITIES, type Severity } from "./notification/severity.ts";
export { defaultsOf, type Setting, type SettingsOf, type SettingsTable, type SettingValue } from "./settings.ts";
export { SIMULATOR_SETTINGS, type SimulatorSettings } from "./simulator/options.ts";
export { worldClock } from "./simulator/scaled-clock.ts";
export { gapAtFactor } from "./simulator/simulated-time.ts";
export type { SimulatorControl } from "./simulator/simulator-control.ts";
export { type SimulatedLineServer, startSimulatedLine } from "./simulator/tcp-line.ts";
export { createCommandFiles } from "./storage/command-files.ts";
export { createEnergyFile } from "./storage/energy-file.ts";
export { createJsonFile, type JsonFile, type JsonFileOptions } from "./storage/json-file.ts";
export { conditionKind, conditionName } from "./words/condition-words.ts";
export { contactName, mismatchWords, positionWords } from "./words/contact-words.ts";
export { measuredWords, originWord, partWords, placeWords, quantityWords } from "./words/place-words.ts";

/** Version of this source tree, as in package.json. */
export const VERSION = "0.1.0";
