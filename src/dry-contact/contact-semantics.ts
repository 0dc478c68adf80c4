import type { Text } from "../languages.ts";

/**
 * TABLE of the exact semantics of a contact, in the order in which evaluate-contacts.ts applies them. The README
 * and the help of the contact node are generated from it.
 */
export const CONTACT_SEMANTICS = [
	{
		step: { "en-US": "cause", de: "Ursache", "zh-CN": "原因" },
		meaning: {
			"en-US":
				"A condition of the contact's list that is set. Contact 1/2: every protection but Fully, and the faults 17 to 21. Contact 3/4: low state of charge. The battery has no message that reports a contact, so this is a model.",
			de: "Eine Bedingung aus der Liste des Kontakts, die ansteht. Kontakt 1/2: jeder Schutz außer Fully und die Fehler 17 bis 21. Kontakt 3/4: Ladezustand niedrig. Die Batterie hat keine Nachricht, die einen Kontakt meldet, deshalb ist dies ein Modell.",
			"zh-CN":
				"列表中已出现的条件。干接点 1/2：除 Fully 外的全部保护，以及故障 17 至 21。干接点 3/4：SOC 过低。电池没有上报干接点的报文，因此这是推算。",
		},
	},
	{
		step: { "en-US": "pack", de: "Pack", "zh-CN": "电池包" },
		meaning: {
			"en-US": "A pack's contact follows what that pack itself says. While that is not known or too old, the contact is unknown.",
			de: "Der Kontakt eines Packs folgt dem, was dieses Pack selbst sagt. Solange das unbekannt oder zu alt ist, ist der Kontakt unbekannt.",
			"zh-CN": "电池包的干接点跟随该电池包自己上报的内容。内容未知或过旧时，干接点为未知。",
		},
	},
	{
		step: { "en-US": "bank", de: "Batteriebank", "zh-CN": "电池组" },
		meaning: {
			"en-US":
				"The bank's contact follows everything that is set in the bank, also while no pack is named for it, and a wired contact of a pack. It is unknown only when nothing closes it and the bank's alarm state, or that wired contact, is not known.",
			de: "Der Kontakt der Batteriebank folgt allem, was in ihr ansteht, auch solange dafür noch kein Pack benannt ist, und einem verdrahteten Kontakt eines Packs. Unbekannt ist er nur, wenn nichts ihn schließt und der Alarmzustand der Batteriebank oder dieser verdrahtete Kontakt unbekannt ist.",
			"zh-CN":
				"电池组的干接点跟随电池组中出现的全部条件（即使尚未指明电池包），以及已接线的电池包干接点。只有在没有任何原因使其闭合，而电池组的告警状态或该接线未知时，才为未知。",
		},
	},
	{
		step: { "en-US": "stale", de: "veraltet", "zh-CN": "数据过旧" },
		meaning: {
			"en-US":
				"While the alarm state is too old, the alarms' part of the contact is unknown, keeps what it was, or is open or closed, as chosen. Open and closed stand only after the battery has been heard, or 60 s after the bank was opened.",
			de: "Solange der Alarmzustand zu alt ist, ist der berechnete Kontakt unbekannt, bleibt, wie er war, oder ist offen oder geschlossen, je nach Wahl. Offen und geschlossen gelten erst, wenn die Batterie einmal zu hören war, oder 60 s nach dem Öffnen der Batteriebank.",
			"zh-CN":
				"告警状态过旧时，推算的干接点按设置为未知、保持原状、断开或闭合。断开和闭合要在收到过电池应答之后，或电池组打开 60 秒之后才生效。",
		},
	},
	{
		step: { "en-US": "wire", de: "Leitung", "zh-CN": "接线" },
		meaning: {
			"en-US":
				"A wired contact must rest for the debounce time. With source wired only the wire counts; with both the contact is closed when either says so, and what is known stands for what is not.",
			de: "Ein verdrahteter Kontakt muss für die Entprellzeit ruhig sein. Bei Quelle „Leitung“ zählt nur sie; bei „beide“ ist der Kontakt geschlossen, wenn eines von beiden es sagt, und was bekannt ist, gilt für das, was es nicht ist.",
			"zh-CN": "接线状态须稳定达到消抖时间。来源为接线时只看接线；为两者时，任何一个显示闭合即为闭合，一个未知时以另一个为准。",
		},
	},
	{
		step: { "en-US": "on delay", de: "Einschaltverzögerung", "zh-CN": "闭合延时" },
		meaning: {
			"en-US": "A cause must last that long before the contact closes.",
			de: "So lange muss eine Ursache anstehen, bevor der Kontakt schließt.",
			"zh-CN": "原因须持续这么久，干接点才闭合。",
		},
	},
	{
		step: { "en-US": "off delay", de: "Ausschaltverzögerung", "zh-CN": "断开延时" },
		meaning: {
			"en-US": "All causes must be gone that long before the contact opens.",
			de: "So lange müssen alle Ursachen fort sein, bevor der Kontakt öffnet.",
			"zh-CN": "全部原因须消失这么久，干接点才断开。",
		},
	},
	{
		step: { "en-US": "hold", de: "Haltezeit", "zh-CN": "保持时间" },
		meaning: {
			"en-US": "Once closed it stays closed at least that long, also when the cause is gone or the readings grow too old.",
			de: "Einmal geschlossen, bleibt er mindestens so lange geschlossen, auch wenn die Ursache fort ist oder die Werte veralten.",
			"zh-CN": "闭合后至少保持这么久，即使原因已消失或数据过旧。",
		},
	},
	{
		step: { "en-US": "mismatch", de: "Widerspruch", "zh-CN": "不一致" },
		meaning: {
			"en-US":
				"With source both: when alarms and wire are both known and differ for the mismatch time, that is reported in words, until they agree again.",
			de: "Bei Quelle „beide“: Sind Alarme und Leitung bekannt und für die eingestellte Zeit verschieden, wird das in Worten gemeldet, bis sie wieder übereinstimmen.",
			"zh-CN": "来源为两者时：告警与接线均已知且不一致达到设定时间，即用文字上报，直到重新一致。",
		},
	},
	{
		step: { "en-US": "inverted", de: "invertiert", "zh-CN": "反逻辑" },
		meaning: {
			"en-US": "An inverted contact is closed while all is well and opens at a cause.",
			de: "Ein invertierter Kontakt ist geschlossen, solange alles in Ordnung ist, und öffnet bei einer Ursache.",
			"zh-CN": "反逻辑的干接点正常时闭合，有原因时断开。",
		},
	},
	{
		step: { "en-US": "edge", de: "Flanke", "zh-CN": "变化" },
		meaning: {
			"en-US":
				"Closed and opened are told once for each edge, compared with what the contact was last known to be; unknown in between makes no edge. What it is found at first is no edge.",
			de: "Geschlossen und geöffnet werden je Flanke einmal gemeldet, verglichen mit dem zuletzt bekannten Zustand; „unbekannt“ dazwischen ist keine Flanke. Wie er zuerst vorgefunden wird, ist keine Flanke.",
			"zh-CN": "每次变化只报一次闭合或断开，以最后已知的状态为准；中间的未知不算变化。首次得知的状态不算变化。",
		},
	},
] as const satisfies readonly { readonly step: Text; readonly meaning: Text }[];
