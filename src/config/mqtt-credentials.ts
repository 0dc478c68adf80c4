import type { GivenSetting } from "./given-setting.ts";

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/**
 * Takes user and password out of a broker address (`mqtt://user:pass@host`), so that the address can be
 * shown anywhere. They become settings of the same source, before its others: an explicit user name or
 * password of that source, or of a stronger one, wins.
 */
export function splitCredentials(setting: GivenSetting): readonly GivenSetting[] {
	const { section, key, value, from } = setting;
	if (section !== "mqtt" || key !== "url" || typeof value !== "string") return [setting];
	// A password may hold / and @ unescaped: the last @ is the border.
	const match = /^([a-z]+:\/\/)(.*)@([^@]*)$/is.exec(value);
	if (!match) return [setting];
	const [, scheme = "", credentials = "", rest = ""] = match;
	const colon = credentials.indexOf(":");
	const user = colon < 0 ? credentials : credentials.slice(0, colon);
	const password = colon < 0 ? [] : [{ section, key: "password", value: decoded(credentials.slice(colon + 1)), from }];
	return [{ section, key: "username", value: decoded(user), from }, ...password, { section, key, value: `${scheme}${rest}`, from }];
}
