/** Public names only. */
export * from "./finding.ts";
export * from "./group-view.ts";
