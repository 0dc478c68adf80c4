import { type Language, say, type Text } from "../../languages.ts";

interface Row {
	/** What it is, in one sentence. */
	readonly summary: Text;
	/** What to do or to look at, the most likely first. */
	readonly advice: readonly Text[];
}

const OTHER_SOCKETS: Text = {
	"en-US":
		"Is the cable in the RS232 socket (the small RJ11)? Its pins are 3 = battery sends, 4 = battery receives, 5 = ground. RS485 needs an RS485 adapter: A on pins 2 and 7, B on 1 and 8.",
	de: "Steckt das Kabel in der RS232-Buchse (kleine RJ11)? Pins: 3 = Batterie sendet, 4 = Batterie empfängt, 5 = Masse. RS485 braucht einen RS485-Adapter: A an 2 und 7, B an 1 und 8.",
	"zh-CN":
		"电缆是否插在 RS232 口（小号 RJ11）？引脚：3 = 电池发送，4 = 电池接收，5 = 地。RS485 需用 RS485 适配器：A 接 2 和 7，B 接 1 和 8。",
};
const ASLEEP: Text = {
	"en-US":
		"Is the pack asleep (no light)? Bytes on RS232 wake it, so try once more; RS485 does not wake it: press its key for 3 to 6 s, or charge.",
	de: "Schläft das Pack (kein Licht)? Bytes auf RS232 wecken es, also noch einmal versuchen; RS485 weckt es nicht: Taste 3 bis 6 s drücken oder laden.",
	"zh-CN": "电池包是否休眠（灯全灭）？RS232 上的字节会唤醒它，请再试一次；RS485 不能唤醒：按键 3 至 6 秒，或接入充电。",
};
const MODBUS_SELECT: Text = {
	"en-US": "Select PACE_MODBUS in the battery's PC program (System Config, Inverter protocol, RS485), or use the RS232 socket.",
	de: "Im PC-Programm der Batterie PACE_MODBUS wählen (System Config, Inverter protocol, RS485) oder die RS232-Buchse benutzen.",
	"zh-CN": "在电池的上位机软件中选择 PACE_MODBUS（System Config，Inverter protocol，RS485），或改用 RS232 口。",
};
const GATEWAY_RAW: Text = {
	"en-US":
		"Set the gateway to TCP server, raw (transparent) data, 8N1, and the battery's speed, usually 9600; no Telnet, RFC 2217 or Modbus TCP.",
	de: "Das Gateway auf TCP-Server, rohe (transparente) Daten, 8N1 und die Geschwindigkeit der Batterie stellen, meist 9600; kein Telnet, RFC 2217 oder Modbus TCP.",
	"zh-CN": "将网关设为 TCP 服务器、透明传输、8N1、电池的波特率（通常 9600）；不要用 Telnet、RFC 2217 或 Modbus TCP。",
};
const RESET_AFTER_DIP: Text = {
	"en-US": "A changed DIP switch counts only after a reset: hold RST for 6 to 10 s.",
	de: "Ein geänderter DIP-Schalter gilt erst nach einem Reset: RST 6 bis 10 s halten.",
	"zh-CN": "更改拨码后需复位才生效：按住 RST 6 至 10 秒。",
};

/** TABLE of what a probe can come to, in the owner's words. */
export const VERDICTS = {
	"found-main-pack": {
		summary: {
			"en-US": "Found the main pack on RS232: {talk}, {packs} pack(s).",
			de: "Hauptpack an RS232 gefunden: {talk}, {packs} Pack(s).",
			"zh-CN": "在 RS232 上找到主电池包：{talk}，{packs} 个电池包。",
		},
		advice: [],
	},
	"found-fewer-packs": {
		summary: {
			"en-US": "Found the main pack on RS232: {talk}. It counts {count} packs, {packs} of them answered.",
			de: "Hauptpack an RS232 gefunden: {talk}. Es zählt {count} Packs, {packs} davon haben geantwortet.",
			"zh-CN": "在 RS232 上找到主电池包：{talk}。它统计到 {count} 个电池包，其中 {packs} 个有应答。",
		},
		advice: [
			{
				"en-US": "Look at the packs that are not listed: switched on, link cable in place, DIP switches 2, 3, … each once?",
				de: "Nach den Packs sehen, die nicht aufgeführt sind: eingeschaltet, Verbindungskabel gesteckt, DIP-Schalter 2, 3, … jeweils einmal?",
				"zh-CN": "检查未列出的电池包：是否开机、互联线是否接好、拨码 2、3……是否不重复？",
			},
			RESET_AFTER_DIP,
		],
	},
	"found-other-pack": {
		summary: {
			"en-US": "Found pack {address} ({switches}) on RS232: {talk}. It is not number 1: the others cannot be seen.",
			de: "Pack {address} ({switches}) an RS232 gefunden: {talk}. Es ist nicht Nummer 1: Die anderen sind nicht zu sehen.",
			"zh-CN": "在 RS232 上找到电池包 {address}（{switches}）：{talk}。它不是 1 号：看不到其他电池包。",
		},
		advice: [
			{
				"en-US": "Move the cable to the pack whose DIP switches are ■□□□ (number 1): only it tells of all packs.",
				de: "Das Kabel in das Pack mit den DIP-Schaltern ■□□□ (Nummer 1) stecken: Nur dieses berichtet von allen.",
				"zh-CN": "将电缆改接到拨码为 ■□□□（1 号）的电池包：只有它能报告全部电池包。",
			},
			RESET_AFTER_DIP,
		],
	},
	"found-standing-alone": {
		summary: {
			"en-US": "Found a pack with DIP address 0 (□□□□) on RS232: {talk}. It stands alone and tells of no other pack.",
			de: "Pack mit DIP-Adresse 0 (□□□□) an RS232 gefunden: {talk}. Es steht allein und berichtet von keinem anderen.",
			"zh-CN": "在 RS232 上找到拨码为 0（□□□□）的电池包：{talk}。它单独运行，不报告其他电池包。",
		},
		advice: [
			{
				"en-US": "Right for one pack. With several in parallel, the main pack needs ■□□□ (1), the others 2, 3, …",
				de: "Richtig für ein einzelnes Pack. Bei mehreren parallel braucht das Hauptpack ■□□□ (1), die anderen 2, 3, …",
				"zh-CN": "单个电池包时正确。多个并联时主电池包应为 ■□□□（1），其余为 2、3……",
			},
			RESET_AFTER_DIP,
		],
	},
	"found-on-link-socket": {
		summary: {
			"en-US": "Found {packs} pack(s) on a link socket (RS485 between the packs): {talk}.",
			de: "{packs} Pack(s) an einer Verbindungsbuchse (RS485 zwischen den Packs) gefunden: {talk}.",
			"zh-CN": "在互联口（电池包之间的 RS485）上找到 {packs} 个电池包：{talk}。",
		},
		advice: [
			{
				"en-US":
					"With several packs the main pack itself talks on this line and answers collide: use its RS232 socket, or the RS485 socket beside CAN.",
				de: "Bei mehreren Packs spricht hier das Hauptpack selbst, und Antworten stoßen zusammen: besser dessen RS232-Buchse oder die RS485-Buchse neben CAN.",
				"zh-CN": "多个电池包时主电池包会在此线路上通信，应答会冲突：请改用其 RS232 口，或 CAN 旁的 RS485 口。",
			},
		],
	},
	"found-on-inverter-socket": {
		summary: {
			"en-US": "Found {packs} pack(s) on RS485: {talk}.",
			de: "{packs} Pack(s) an RS485 gefunden: {talk}.",
			"zh-CN": "在 RS485 上找到 {packs} 个电池包：{talk}。",
		},
		advice: [
			{
				"en-US":
					"Each pack answers for itself: one that is missing here is off, asleep, not wired to this line, or has the address of another.",
				de: "Jedes Pack antwortet für sich: Fehlt eines, ist es aus, schläft, ist nicht an dieser Leitung oder hat die Adresse eines anderen.",
				"zh-CN": "每个电池包单独应答：缺少的电池包可能已关机、休眠、未接入此线路，或地址重复。",
			},
		],
	},
	"silent-port": {
		summary: {
			"en-US": "Nothing was heard on {port}, whatever was asked.",
			de: "An {port} war nichts zu hören, was auch gefragt wurde.",
			"zh-CN": "在 {port} 上无论询问什么都没有收到任何内容。",
		},
		advice: [OTHER_SOCKETS, ASLEEP],
	},
	"silent-gateway": {
		summary: {
			"en-US": "{port} takes the connection, but nothing was heard behind it.",
			de: "{port} nimmt die Verbindung an, aber dahinter war nichts zu hören.",
			"zh-CN": "{port} 接受了连接，但其后没有收到任何内容。",
		},
		advice: [GATEWAY_RAW, OTHER_SOCKETS, ASLEEP],
	},
	"nothing-heard": {
		summary: {
			"en-US": "Nothing was heard on {port}. Nothing was sent: a battery speaks only when it is asked.",
			de: "An {port} war nichts zu hören. Gesendet wurde nichts: Eine Batterie spricht nur, wenn sie gefragt wird.",
			"zh-CN": "在 {port} 上没有收到任何内容。未发送任何内容：电池只在被询问时应答。",
		},
		advice: [
			{
				"en-US": "Leave out --listen-only to ask. On RS232 a byte wakes a sleeping pack.",
				de: "Ohne --listen-only wird gefragt. Auf RS232 weckt ein Byte ein schlafendes Pack.",
				"zh-CN": "去掉 --listen-only 即可询问。在 RS232 上一个字节就会唤醒休眠的电池包。",
			},
		],
	},
	echo: {
		summary: {
			"en-US": "Only our own questions came back on {port}; no battery answered.",
			de: "An {port} kamen nur die eigenen Fragen zurück; keine Batterie hat geantwortet.",
			"zh-CN": "在 {port} 上只收到我们自己的询问；没有电池应答。",
		},
		advice: [
			{
				"en-US":
					"The adapter echoes (a switch on some RS485 adapters), a loop-back plug is in, or two wires touch (RX and TX, or A and B).",
				de: "Der Adapter gibt ein Echo (bei manchen RS485-Adaptern ein Schalter), ein Prüfstecker steckt, oder zwei Adern berühren sich (RX und TX, oder A und B).",
				"zh-CN": "适配器有回显（部分 RS485 适配器有开关），插着回环插头，或两根线相碰（RX 与 TX，或 A 与 B）。",
			},
			OTHER_SOCKETS,
			ASLEEP,
		],
	},
	garbage: {
		summary: {
			"en-US": "Bytes came on {port}, but nothing readable at any speed that was tried.",
			de: "An {port} kamen Bytes, aber bei keiner versuchten Geschwindigkeit etwas Lesbares.",
			"zh-CN": "在 {port} 上收到字节，但在尝试的各种速率下均不可读。",
		},
		advice: [
			{
				"en-US": "Wrong speed (try --baud-rate), A and B swapped on RS485, no ground wire, or an RS232 adapter on an RS485 line.",
				de: "Falsche Geschwindigkeit (--baud-rate), A und B bei RS485 vertauscht, keine Masseader, oder ein RS232-Adapter an einer RS485-Leitung.",
				"zh-CN": "速率不对（用 --baud-rate），RS485 的 A/B 接反，没有地线，或 RS232 适配器接在 RS485 线路上。",
			},
			{
				"en-US": "Behind a gateway its own speed counts: set it there, usually to 9600 baud, 8N1.",
				de: "Hinter einem Gateway zählt dessen Geschwindigkeit: dort einstellen, meist 9600 Baud, 8N1.",
				"zh-CN": "使用网关时以网关的速率为准：在网关上设置，通常为 9600 波特、8N1。",
			},
		],
	},
	"foreign-map": {
		summary: {
			"en-US": "A battery answers Modbus on {port}, but its registers are another brand's: another inverter protocol is selected.",
			de: "An {port} antwortet eine Batterie auf Modbus, aber mit Registern einer anderen Marke: Ein anderes Wechselrichterprotokoll ist gewählt.",
			"zh-CN": "{port} 上有电池应答 Modbus，但寄存器属于其他品牌：选择了其他逆变器协议。",
		},
		advice: [MODBUS_SELECT],
	},
	unreadable: {
		summary: {
			"en-US": "Something answers on {port}, but refuses our questions or answers in a form that is not known.",
			de: "An {port} antwortet etwas, lehnt aber unsere Fragen ab oder antwortet in unbekannter Form.",
			"zh-CN": "{port} 上有设备应答，但拒绝我们的询问，或应答格式未知。",
		},
		advice: [
			MODBUS_SELECT,
			{
				"en-US": "Please report it: rack-battery support --port {port} --capture 60 --output support.json writes a file without secrets.",
				de: "Bitte melden: rack-battery support --port {port} --capture 60 --output support.json schreibt eine Datei ohne Geheimnisse.",
				"zh-CN": "请反馈：rack-battery support --port {port} --capture 60 --output support.json 会生成不含机密的文件。",
			},
		],
	},
	"other-master": {
		summary: {
			"en-US": "Somebody else already talks on {port}: {talk}, addresses {addresses}.",
			de: "An {port} spricht schon jemand anderes: {talk}, Adressen {addresses}.",
			"zh-CN": "{port} 上已有其他设备在通信：{talk}，地址 {addresses}。",
		},
		advice: [
			{
				"en-US":
					"Nothing more was asked, because two on one line disturb each other: it may be the inverter, another program, or the main pack asking the others over the link sockets. Use the RS232 socket.",
				de: "Es wurde nicht weiter gefragt, denn zwei auf einer Leitung stören einander: der Wechselrichter, ein anderes Programm, oder das Hauptpack an den Verbindungsbuchsen. Besser die RS232-Buchse.",
				"zh-CN":
					"未再询问，因为同一线路上两个主机会互相干扰：可能是逆变器、其他程序，或主电池包在互联口上询问其他电池包。请改用 RS232 口。",
			},
		],
	},
	console: {
		summary: {
			"en-US": "{port} talks in plain text, not like a battery: “{words}”",
			de: "{port} spricht Klartext, nicht wie eine Batterie: „{words}“",
			"zh-CN": "{port} 输出的是文本，不像电池：“{words}”",
		},
		advice: [
			{
				"en-US": "This is the port of another device (a modem, router or microcontroller), or a gateway's console. Choose another port.",
				de: "Das ist der Anschluss eines anderen Geräts (Modem, Router, Mikrocontroller) oder die Konsole eines Gateways. Einen anderen wählen.",
				"zh-CN": "这是其他设备（调制解调器、路由器、单片机）的端口，或网关的控制台。请选择其他端口。",
			},
		],
	},
	"gateway-mode": {
		summary: {
			"en-US": "{port} answers like a Telnet or web server, not like a plain serial line.",
			de: "{port} antwortet wie ein Telnet- oder Webserver, nicht wie eine serielle Leitung.",
			"zh-CN": "{port} 的应答像 Telnet 或网页服务器，而不是透明串口。",
		},
		advice: [GATEWAY_RAW],
	},
	"port-busy": {
		summary: {
			"en-US": "{port} is in use by another program{user}.",
			de: "{port} wird von einem anderen Programm benutzt{user}.",
			"zh-CN": "{port} 正被其他程序占用{user}。",
		},
		advice: [
			{
				"en-US": "End that program first; a running Rack Battery server or Node-RED holds the port of its own bank.",
				de: "Dieses Programm zuerst beenden; ein laufender Rack-Battery-Server oder Node-RED hält den Anschluss seiner Bank.",
				"zh-CN": "请先结束该程序；正在运行的 Rack Battery 服务器或 Node-RED 会占用其电池组的端口。",
			},
		],
	},
	"no-permission": {
		summary: {
			"en-US": "This user may not use {port}.",
			de: "Dieser Benutzer darf {port} nicht benutzen.",
			"zh-CN": "当前用户无权使用 {port}。",
		},
		advice: [
			{
				"en-US": "Join its group and log in again: sudo usermod -aG {group} $USER",
				de: "Der Gruppe beitreten und neu anmelden: sudo usermod -aG {group} $USER",
				"zh-CN": "加入该组后重新登录：sudo usermod -aG {group} $USER",
			},
		],
	},
	"port-missing": {
		summary: { "en-US": "{port} does not exist.", de: "{port} gibt es nicht.", "zh-CN": "{port} 不存在。" },
		advice: [
			{
				"en-US":
					"Is the adapter plugged in? rack-battery probe without a port lists what there is; names in /dev/serial/by-id stay the same.",
				de: "Steckt der Adapter? rack-battery probe ohne Anschluss zählt auf, was da ist; Namen in /dev/serial/by-id bleiben gleich.",
				"zh-CN": "适配器是否插好？不带端口运行 rack-battery probe 会列出现有端口；/dev/serial/by-id 中的名称不变。",
			},
		],
	},
	"gateway-refused": {
		summary: {
			"en-US": "{port} refuses the connection.",
			de: "{port} lehnt die Verbindung ab.",
			"zh-CN": "{port} 拒绝连接。",
		},
		advice: [
			{
				"en-US":
					"Is the gateway's TCP server switched on, the port number the one it shows, and no other program connected? Many allow one connection only.",
				de: "Ist der TCP-Server des Gateways an, stimmt die Portnummer, und ist kein anderes Programm verbunden? Viele erlauben nur eine Verbindung.",
				"zh-CN": "网关的 TCP 服务器是否开启，端口号是否正确，是否有其他程序已连接？许多网关只允许一个连接。",
			},
		],
	},
	"gateway-unreachable": {
		summary: {
			"en-US": "{port} cannot be reached.",
			de: "{port} ist nicht zu erreichen.",
			"zh-CN": "无法连接 {port}。",
		},
		advice: [
			{
				"en-US": "Is the gateway powered, in this network, and its address still the same?",
				de: "Hat das Gateway Strom, ist es in diesem Netz, und stimmt seine Adresse noch?",
				"zh-CN": "网关是否通电、在同一网络中，地址是否未变？",
			},
		],
	},
	"gateway-unknown": {
		summary: {
			"en-US": "The name in {port} is unknown in this network.",
			de: "Der Name in {port} ist in diesem Netz unbekannt.",
			"zh-CN": "{port} 中的名称在此网络中未知。",
		},
		advice: [
			{
				"en-US": "Use the gateway's IP address.",
				de: "Die IP-Adresse des Gateways benutzen.",
				"zh-CN": "请使用网关的 IP 地址。",
			},
		],
	},
	"serial-unavailable": {
		summary: {
			"en-US": "Serial ports cannot be used here: the module “serialport” is not installed or does not run on this machine.",
			de: "Serielle Anschlüsse gehen hier nicht: Das Modul „serialport“ ist nicht installiert oder läuft auf diesem Rechner nicht.",
			"zh-CN": "此处无法使用串口：模块“serialport”未安装或无法在此机器上运行。",
		},
		advice: [
			{
				"en-US": "npm install serialport, or connect through a network gateway (tcp://address:port).",
				de: "npm install serialport, oder über ein Netzwerk-Gateway verbinden (tcp://Adresse:Port).",
				"zh-CN": "运行 npm install serialport，或通过网络网关连接（tcp://地址:端口）。",
			},
		],
	},
	"line-lost": {
		summary: { "en-US": "{port} was lost: {error}", de: "{port} ging verloren: {error}", "zh-CN": "{port} 已断开：{error}" },
		advice: [GATEWAY_RAW],
	},
	cancelled: {
		summary: {
			"en-US": "Ended before anything was found on {port}.",
			de: "Beendet, bevor an {port} etwas gefunden war.",
			"zh-CN": "在 {port} 上找到任何内容之前已结束。",
		},
		advice: [],
	},
} as const satisfies Record<string, Row>;

export type VerdictCode = keyof typeof VERDICTS;

const NOT_ALL: Text = {
	"en-US": "The time was up before everything was tried: --timeout gives more.",
	de: "Die Zeit war um, bevor alles versucht war: --timeout gibt mehr.",
	"zh-CN": "时间已到，尚未全部尝试：可用 --timeout 延长。",
};

/** A verdict in one language: what it is, and what to do about it. */
export interface VerdictWords {
	readonly summary: string;
	readonly advice: readonly string[];
}

export function verdictWords(
	{ code, values }: { readonly code: VerdictCode; readonly values: Readonly<Record<string, string | number>> },
	language: Language,
	isTimeUp: boolean,
): VerdictWords {
	const { summary, advice }: Row = VERDICTS[code];
	const told = advice.map((text) => say(text, language, values));
	return { summary: say(summary, language, values), advice: isTimeUp ? [...told, NOT_ALL[language]] : told };
}
