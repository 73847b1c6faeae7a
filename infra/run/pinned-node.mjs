import { spawnSync } from "node:child_process";
import { join } from "node:path";

/**
 * Node 26 needs a library of the C compiler's run time that minimal systems leave out (Debian: libatomic1). Says so, or as root with
 * apt-get puts it there.
 *
 * @param {string} root the repository, dependencies installed
 * @throws Error when the pinned Node does not start
 */
export function ensurePinnedNodeStarts(root) {
  const first = startFault(root);
  if (first === undefined) {
    return;
  }
  if (first.includes("libatomic") && process.getuid?.() === 0 && spawnSync("apt-get", ["--version"]).status === 0) {
    console.error("Installing libatomic1 with apt-get, which the pinned Node needs ...");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    spawnSync("apt-get", ["-qq", "update"], { env });
    spawnSync("apt-get", ["-qq", "-y", "--no-install-recommends", "install", "libatomic1"], { env });
    if (startFault(root) === undefined) {
      return;
    }
  }
  throw new Error(
    `The pinned Node does not start: ${first}\nIf libatomic.so.1 is missing, install it: libatomic1 on Debian and Ubuntu, libatomic on Fedora.`,
  );
}

function startFault(root) {
  const { status, stderr, error } = spawnSync(join(root, "node_modules", ".bin", "node"), ["--version"], { encoding: "utf8" });
  return status === 0 ? undefined : stderr?.trim() || error?.message || `it ended with code ${status}`;
}
