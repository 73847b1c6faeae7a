export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

function width(text: string): number {
  return Array.from(text).length;
}

/** Lines of a plain text table, two spaces between the columns, header first. Widths count code points, not bytes. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, i) => Math.max(width(title), ...rows.map((row) => width(row[i]))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) =>
        columns[i].align === "left" ? cell + " ".repeat(widths[i] - width(cell)) : " ".repeat(widths[i] - width(cell)) + cell,
      )
      .join("  ")
      .trimEnd();
  return [line(columns.map(({ title }) => title)), widths.map((count) => "-".repeat(count)).join("  "), ...rows.map(line)];
}

/** A column of text. */
export function left(title: string): Column {
  return { title, align: "left" };
}

/** A column of numbers. */
export function right(title: string): Column {
  return { title, align: "right" };
}
