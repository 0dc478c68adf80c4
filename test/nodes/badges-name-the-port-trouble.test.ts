import { expect, test } from "vitest";
import { bankBadge } from "../../nodes/lib/status.ts";
import { bankSnapshot } from "../support/snapshots.ts";

const lost = (code: "busy" | "no-permission" | "unplugged") => {
	const { link, ...snapshot } = bankSnapshot();
	return { ...snapshot, link: { ...link, state: "lost", problem: { kind: "transport", code, message: "words", at: 0 } } } as const;
};

test.each([
	["busy", "portBusy"],
	["no-permission", "portForbidden"],
	["unplugged", "lost"],
] as const)("a line that is lost for %s has the badge %s", (code, badge) => {
	expect(bankBadge(lost(code))).toBe(badge);
});

test("a past trouble of a line that is up again has no badge", () => {
	const { link, ...snapshot } = lost("busy");
	expect(bankBadge({ ...snapshot, link: { ...link, state: "online" } })).toBe("live");
});
