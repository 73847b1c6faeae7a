export * from "./config.ts";
export * from "./health-server.ts";
export * from "./logger.ts";
export * from "./metrics.ts";
export * from "./settings.ts";
export * from "./shutdown.ts";
