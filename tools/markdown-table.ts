/** Writes a table in Markdown. */
export type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string;

const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;

export const table: Table = (head, rows) => [row(head), `|${head.map(() => "---|").join("")}`, ...rows.map(row)].join("\n");
