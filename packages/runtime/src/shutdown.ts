/** One thing to stop. Hooks run one after the other in the order given: stop taking in work first, close connections last. */
export interface ShutdownHook {
  readonly name: string;
  stop(): void | Promise<void>;
}

export interface ShutdownOptions {
  readonly hooks: readonly ShutdownHook[];
  /** Milliseconds all hooks together may take before the process ends anyway. Kubernetes kills after 30 s, so stay below. Default 25 000. */
  readonly limitMs?: number;
  /** Told of every step; `error` is set where a hook failed. */
  readonly onStep?: (step: string, error?: unknown) => void;
  /** Ends the process. Tests give their own. Default process.exit. */
  readonly exit?: (code: number) => void;
}

export interface Shutdown {
  /** Runs the hooks once and ends the process with `exitCode`; a failed hook or the time limit makes it at least 1. Later calls wait for the first. */
  stop(reason: string, exitCode?: number): Promise<void>;
  /** No longer listens for signals. */
  dispose(): void;
}

const defaultLimitMs = 25_000;

/** Stops gracefully on SIGTERM and SIGINT. A second signal ends the process at once with 130 (INT) or 143 (TERM). */
export function onShutdown(options: ShutdownOptions): Shutdown {
  const { hooks, limitMs = defaultLimitMs, onStep = () => {}, exit = (code) => process.exit(code) } = options;
  let running: Promise<void> | undefined;

  const stop = (reason: string, exitCode = 0): Promise<void> => {
    running ??= (async () => {
      onStep(`stopping: ${reason}`);
      const timer = setTimeout(() => {
        onStep(`stopping took longer than ${limitMs} ms, ending now`);
        exit(1);
      }, limitMs);
      const failed = await runHooks(hooks, onStep);
      clearTimeout(timer);
      dispose();
      exit(failed ? Math.max(1, exitCode) : exitCode);
    })();
    return running;
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (running === undefined) void stop(signal);
    else exit(signal === "SIGINT" ? 130 : 143);
  };
  const dispose = (): void => {
    process.off("SIGTERM", onSignal);
    process.off("SIGINT", onSignal);
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  return { stop, dispose };
}

async function runHooks(hooks: readonly ShutdownHook[], onStep: (step: string, error?: unknown) => void): Promise<boolean> {
  let failed = false;
  for (const hook of hooks) {
    try {
      await hook.stop();
      onStep(`stopped: ${hook.name}`);
    } catch (error) {
      failed = true;
      onStep(`could not stop: ${hook.name}`, error);
    }
  }
  return failed;
}
