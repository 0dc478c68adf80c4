import { type Condition, type ConditionClass, type ConditionKey, conditionOf } from "../bms/battery/conditions.ts";
import type { Language, Text } from "../languages.ts";

/**
 * TABLE of the conditions' names in the other languages, as the field says them; the English ones are the labels of
 * the conditions' own table. The class stands beside a name and is not repeated in it. Codes are the manual's and
 * never translated.
 */
const NAMES = {
	"alarm.discharge_overcurrent": { de: "Entlade-Überstrom", "zh-CN": "放电过流" },
	"alarm.charge_overcurrent": { de: "Lade-Überstrom", "zh-CN": "充电过流" },
	"alarm.pack_undervoltage": { de: "Pack-Unterspannung", "zh-CN": "总压欠压" },
	"alarm.pack_overvoltage": { de: "Pack-Überspannung", "zh-CN": "总压过压" },
	"alarm.cell_undervoltage": { de: "Zellunterspannung", "zh-CN": "单体欠压" },
	"alarm.cell_overvoltage": { de: "Zellüberspannung", "zh-CN": "单体过压" },
	"alarm.low_soc": { de: "Ladezustand niedrig", "zh-CN": "SOC 过低" },
	"alarm.mosfet_overtemperature": { de: "MOSFET-Übertemperatur", "zh-CN": "MOS 管过温" },
	"alarm.ambient_low_temperature": { de: "Umgebungstemperatur niedrig", "zh-CN": "环境低温" },
	"alarm.ambient_high_temperature": { de: "Umgebungstemperatur hoch", "zh-CN": "环境高温" },
	"alarm.discharge_low_temperature": { de: "Zelltemperatur beim Entladen niedrig", "zh-CN": "放电低温" },
	"alarm.charge_low_temperature": { de: "Zelltemperatur beim Laden niedrig", "zh-CN": "充电低温" },
	"alarm.discharge_high_temperature": { de: "Zelltemperatur beim Entladen hoch", "zh-CN": "放电高温" },
	"alarm.charge_high_temperature": { de: "Zelltemperatur beim Laden hoch", "zh-CN": "充电高温" },

	"protection.short_circuit": { de: "Kurzschluss", "zh-CN": "短路" },
	"protection.discharge_overcurrent": { de: "Entlade-Überstrom", "zh-CN": "放电过流" },
	"protection.charge_overcurrent": { de: "Lade-Überstrom", "zh-CN": "充电过流" },
	"protection.pack_undervoltage": { de: "Pack-Unterspannung", "zh-CN": "总压欠压" },
	"protection.pack_overvoltage": { de: "Pack-Überspannung", "zh-CN": "总压过压" },
	"protection.cell_undervoltage": { de: "Zellunterspannung", "zh-CN": "单体欠压" },
	"protection.cell_overvoltage": { de: "Zellüberspannung", "zh-CN": "单体过压" },
	"protection.fully": { de: "voll geladen", "zh-CN": "已充满" },
	"protection.ambient_low_temperature": { de: "Umgebungstemperatur zu niedrig", "zh-CN": "环境低温" },
	"protection.ambient_high_temperature": { de: "Umgebungstemperatur zu hoch", "zh-CN": "环境高温" },
	"protection.mosfet_overtemperature": { de: "MOSFET-Übertemperatur", "zh-CN": "MOS 管过温" },
	"protection.discharge_low_temperature": { de: "Zelltemperatur beim Entladen zu niedrig", "zh-CN": "放电低温" },
	"protection.charge_low_temperature": { de: "Zelltemperatur beim Laden zu niedrig", "zh-CN": "充电低温" },
	"protection.discharge_high_temperature": { de: "Zelltemperatur beim Entladen zu hoch", "zh-CN": "放电高温" },
	"protection.charge_high_temperature": { de: "Zelltemperatur beim Laden zu hoch", "zh-CN": "充电高温" },
	"protection.pcb": { de: "Leiterplatte (PCB)", "zh-CN": "电路板（PCB）" },

	"fault.sampling": { de: "Messwerterfassung gestört", "zh-CN": "采样故障" },
	"fault.cell": { de: "Batteriezelle defekt", "zh-CN": "电芯故障" },
	"fault.temperature_sensor": { de: "Temperaturfühler (NTC) defekt", "zh-CN": "温度传感器（NTC）故障" },
	"fault.charge_mosfet": { de: "Lade-MOSFET defekt", "zh-CN": "充电 MOS 管故障" },
	"fault.discharge_mosfet": { de: "Entlade-MOSFET defekt", "zh-CN": "放电 MOS 管故障" },

	"fault.heater_film": { de: "nicht dokumentiertes Fehlerbit F.7 (Heizfolie)", "zh-CN": "手册未列出的故障位 F.7（加热膜）" },
	"fault.current_limiter": { de: "nicht dokumentiertes Fehlerbit F.6 (Strombegrenzer)", "zh-CN": "手册未列出的故障位 F.6（限流器）" },
	"fault.communication": {
		de: "nicht dokumentiertes Fehlerbit F.3 (interne Kommunikation)",
		"zh-CN": "手册未列出的故障位 F.3（内部通信）",
	},
	"fault.charger_overvoltage": {
		de: "nicht dokumentiertes Schutzbit P1.7 (Ladespannung zu hoch)",
		"zh-CN": "手册未列出的保护位 P1.7（充电器电压过高）",
	},
	"fault.charger_polarity": { de: "Ladegerät verpolt", "zh-CN": "充电器反接" },
} as const satisfies Record<ConditionKey, Readonly<Record<Exclude<Language, "en-US">, string>>>;

/** TABLE of the classes' names, and of *state*, which is what Fully is. */
const CLASS_NAMES = {
	alarm: { "en-US": "Alarm", de: "Alarm", "zh-CN": "告警" },
	protection: { "en-US": "Protection", de: "Schutz", "zh-CN": "保护" },
	fault: { "en-US": "Fault", de: "Fehler", "zh-CN": "故障" },
	state: { "en-US": "State", de: "Zustand", "zh-CN": "状态" },
} as const satisfies Record<ConditionClass | "state", Text>;

/** Name of a condition: "Cell over-voltage", "Zellüberspannung", "单体过压". Its class is not in it. */
export function conditionName(key: ConditionKey, language: Language): string {
	return language === "en-US" ? conditionOf(key).label : NAMES[key][language];
}

/** Name of a condition's class as people say it: "Protection", "Schutz", "保护"; Fully is a state. */
export function conditionKind(key: ConditionKey, language: Language): string {
	const { class: name, isState }: Condition = conditionOf(key);
	return CLASS_NAMES[isState === true ? "state" : name][language];
}
