/** Prints the lines and waits for Ctrl-C (SIGINT) or SIGTERM. */
export function untilStopped(lines: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    // Listeners for signals do not keep a process alive; a timer does. A day is as good as any interval.
    const alive = setInterval(() => {}, 86_400_000);
    const stop = (): void => {
      clearInterval(alive);
      process.off("SIGINT", stop).off("SIGTERM", stop);
      resolve();
    };
    process.on("SIGINT", stop).on("SIGTERM", stop);
    // Last, so that who reads "Ctrl-C ends" can rely on it.
    for (const line of lines) console.log(line);
  });
}
