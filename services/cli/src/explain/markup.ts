/** Text that is already HTML or SVG. Only `markup` makes it, so that nothing unescaped gets into a page. */
export interface Markup {
  readonly html: string;
}

type Value = Markup | readonly Markup[] | string | number;

/** Template tag: texts are escaped, numbers are written short, markup is taken as it is. */
export function markup(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  let html = strings[0];
  values.forEach((value, i) => {
    html += toHtml(value) + strings[i + 1];
  });
  return { html };
}

export const nothing: Markup = { html: "" };

function toHtml(value: Value): string {
  if (typeof value === "string") return escapeText(value);
  if (typeof value === "number") return shortNumber(value);
  return Array.isArray(value) ? value.map(({ html }: Markup) => html).join("") : (value as Markup).html;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

/** A tenth of a pixel is finer than a screen shows, and half the bytes of a double. Throws RangeError on NaN: a drawing with a hole lies. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`a page cannot show the number ${value}; leave the part out`);
  return String(Math.round(value * 10) / 10);
}
