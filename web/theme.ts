/** Mantine dressed in our tokens: ink instead of an accent colour, because colour is kept for states (styles/tokens.css). */
import {
  createTheme,
  type CSSVariablesResolver,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from "@mantine/core";

const ink: MantineColorsTuple = [
  "#f5f6f8",
  "#e9ecef",
  "#cdd3da",
  "#aab3bd",
  "#87919c",
  "#68727d",
  "#4d5761",
  "#333c45",
  "#20272e",
  "#14181d",
];

/** Mantine's own greys of the dark scheme, replaced by ours: inputs, menus and dialogs take theirs from here. */
const dark: MantineColorsTuple = [
  "#e9ecef",
  "#c6cdd4",
  "#9aa5b0",
  "#6c7783",
  "#3b444d",
  "#2c333b",
  "#1d2228",
  "#181c21",
  "#101316",
  "#0a0c0e",
];

/** Filled is ink on paper in both schemes; Mantine would decide on white text once for both. */
const variantColorResolver: VariantColorsResolver = (input) => {
  if (input.variant !== "filled" || (input.color !== undefined && input.color !== "ink")) {
    return defaultVariantColorsResolver(input);
  }
  const hover = "color-mix(in srgb, var(--ink) 86%, var(--paper))";
  return { background: "var(--ink)", hover, color: "var(--paper)", border: "1px solid transparent" };
};

const fontFamily =
  'Inter, -apple-system, BlinkMacSystemFont, "Segoe UI Variable Text", "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif';

export const theme = createTheme({
  colors: { ink, dark },
  variantColorResolver,
  primaryColor: "ink",
  primaryShade: { light: 9, dark: 1 },
  autoContrast: true,
  fontFamily,
  fontFamilyMonospace: "var(--mono)",
  headings: { fontFamily, fontWeight: "600" },
  defaultRadius: 6,
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm", fw: 550 } },
    TextInput: { defaultProps: { size: "sm" } },
    // On filled ink the mark is paper, in both schemes; Mantine's white would vanish in the dark.
    Checkbox: { defaultProps: { iconColor: "var(--paper)" } },
    Radio: { defaultProps: { iconColor: "var(--paper)" } },
    Switch: { defaultProps: { withThumbIndicator: false } },
    Textarea: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm" } },
    Tooltip: { defaultProps: { openDelay: 250, withArrow: false, multiline: true, maw: 360 } },
    Modal: {
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4 }, transitionProps: { duration: 120 } },
    },
  },
});

/** Before the first paint, so that nothing is drawn in the wrong scheme; Mantine takes over from there (its storage key). */
export function applyScheme(): void {
  const stored = localStorage.getItem("mantine-color-scheme-value");
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset["mantineColorScheme"] = stored === "dark" || stored === "light" ? stored : system;
}

const shared = {
  "--mantine-color-body": "var(--paper)",
  "--mantine-color-text": "var(--ink)",
  "--mantine-color-dimmed": "var(--muted)",
  "--mantine-color-placeholder": "var(--muted)",
  "--mantine-color-default": "var(--paper)",
  "--mantine-color-default-hover": "var(--sunken)",
  "--mantine-color-default-color": "var(--ink)",
  "--mantine-color-default-border": "var(--line)",
  "--mantine-color-error": "var(--failed-text)",
  "--input-bd": "var(--line-strong)",
};

export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared });
