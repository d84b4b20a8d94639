/** Filters that Envoi adds to Liquid's own, replaces or takes away, and the check of their literal arguments. */
import { type Context, type Liquid, toValue } from "liquidjs";

import { formatDate } from "./date-filter.ts";
import { formatCurrency, formatNumber, formatPercent, MAX_DECIMALS } from "./format-number.ts";
import { languageOf, LOCALE_NAMES } from "./locales.ts";
import { escapeHtml, printValue } from "./print-value.ts";
import { smartCase } from "./smart-case.ts";

type FilterThis = { readonly context: Context };

/** `sample` draws lots; the `_exp` family hides variables in strings, where analysis cannot see them. */
const REFUSED = ["sample", "where_exp", "reject_exp", "group_by_exp", "has_exp", "find_exp", "find_index_exp"];
const DATE_FILTERS: Readonly<Record<string, string>> = {
  date_to_xmlschema: "%Y-%m-%dT%H:%M:%S+00:00",
  date_to_rfc822: "%a, %d %b %Y %H:%M:%S +0000",
  date_to_string: "%d %b %Y",
  date_to_long_string: "%d %B %Y",
};
const CURRENCY = /^[A-Z]{3}$/;

export function registerFilters(liquid: Liquid, html: boolean): void {
  if (html) registerHtmlFilters(liquid);
  for (const name of REFUSED) liquid.unregisterFilter(name);
  liquid.registerFilter("date", dateFilter);
  for (const [name, format] of Object.entries(DATE_FILTERS)) {
    liquid.registerFilter(name, function (this: FilterThis, value: unknown) {
      return dateFilter.call(this, value, format);
    });
  }
  registerEncoders(liquid);
  liquid.registerFilter("smart_case", function (this: FilterThis, value: unknown) {
    return smartCase(spent(this, value));
  });
  liquid.registerFilter("number", function (this: FilterThis, value: unknown, tag?: unknown, decimals?: unknown) {
    return formatNumber(toValue(value), languageIn(tag), decimalsIn(decimals)) ?? value;
  });
  liquid.registerFilter("percent", function (this: FilterThis, value: unknown, tag?: unknown, decimals?: unknown) {
    return formatPercent(toValue(value), languageIn(tag), decimalsIn(decimals)) ?? value;
  });
  liquid.registerFilter("currency", function (this: FilterThis, value: unknown, code?: unknown, tag?: unknown) {
    const name = printValue(code).toUpperCase();
    if (!CURRENCY.test(name)) throw new Error(`"${name.slice(0, 20)}" is no currency: three letters such as EUR`);
    return formatCurrency(toValue(value), name, languageIn(tag)) ?? value;
  });
}

/** Text of a value, counted as work. */
function spent(self: FilterThis, value: unknown): string {
  const text = printValue(value);
  self.context.memoryLimit.use(text.length);
  return text;
}

/** An unknown language that comes out of data is English: it must not cost the message. */
function languageIn(tag: unknown): string {
  return languageOf(printValue(tag)) ?? "en";
}

function decimalsIn(value: unknown): number | null {
  const decimals = Number(printValue(value) || Number.NaN);
  return Number.isInteger(decimals) && decimals >= 0 && decimals <= MAX_DECIMALS ? decimals : null;
}

/** Filters whose result is HTML already: the escaping of outputs must not touch it again. */
function registerHtmlFilters(liquid: Liquid): void {
  for (const name of ["escape", "escape_once", "xml_escape"]) {
    const handler = liquid.filters[name] as () => unknown;
    liquid.registerFilter(name, { raw: true, handler });
  }
  liquid.registerFilter("newline_to_br", {
    raw: true,
    handler(this: FilterThis, value: unknown): string {
      const text = spent(this, escapeHtml(printValue(value)));
      return text.replace(/\r?\n/g, "<br />\n");
    },
  });
}

/** Half a surrogate pair has no encoding: it becomes U+FFFD instead of failing the message. */
function registerEncoders(liquid: Liquid): void {
  for (const name of ["url_encode", "cgi_escape", "uri_escape"]) {
    const handler = liquid.filters[name] as (text: string) => unknown;
    liquid.registerFilter(name, function (this: FilterThis, value: unknown) {
      return handler(spent(this, value).toWellFormed());
    });
  }
}

/** `now` and `today` are the message's date: the same message rendered next year must say the same. */
function dateFilter(this: FilterThis, value: unknown, format?: unknown, tag?: unknown): unknown {
  const now = (this.context.environments as { message: { date: string } }).message.date;
  const plain = toValue(value);
  const pattern = printValue(format) || "%Y-%m-%d";
  this.context.memoryLimit.use(pattern.length * 4);
  return formatDate(plain === "now" || plain === "today" ? now : plain, pattern, languageIn(tag)) ?? value;
}

/** What is wrong with the arguments of a filter as far as they are literals; an argument that is computed is null. */
export function judgeArguments(filter: string, args: readonly (string | null)[]): string | null {
  const [first = null, second = null] = args;
  if (filter === "date") return judgeLocale(second);
  if (filter === "number" || filter === "percent") return judgeLocale(first);
  if (filter !== "currency") return null;
  if (args.length === 0) return `"currency" needs a currency, as in currency: 'EUR', 'fr'`;
  if (first !== null && !CURRENCY.test(first.toUpperCase()))
    return `"${first}" is no currency: three letters such as EUR`;
  return judgeLocale(second);
}

function judgeLocale(tag: string | null): string | null {
  if (tag === null || languageOf(tag) !== null) return null;
  return `unknown locale "${tag}": there are ${LOCALE_NAMES.join(", ")}`;
}
