import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeServerDir } from "./server-process.ts";
import { ensureTools, openssl } from "./system-tools.ts";

const run = promisify(execFile);

/** An authority of one's own and what it has signed: PEM files in a temporary folder. */
export interface Certificates {
  /** To be deleted by whoever asked for it. */
  readonly dir: string;
  readonly caFile: string;
  /** For a server at 127.0.0.1. */
  readonly server: SignedPair;
  readonly client: SignedPair;
}

export interface SignedPair {
  readonly certFile: string;
  readonly keyFile: string;
  /** Key and certificate in one, as Kafka takes them. */
  readonly bothFile: string;
}

/** Each extension is said here: the system's own openssl.cnf adds others. */
const config = `[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:TRUE
[server]
basicConstraints = critical,CA:FALSE
subjectAltName = IP:127.0.0.1
[client]
basicConstraints = critical,CA:FALSE
`;

/**
 * Makes keys and certificates that are good for two days; takes about 50 ms.
 *
 * @throws Error when openssl is missing and cannot be installed
 */
export async function makeCertificates(): Promise<Certificates> {
  await ensureTools([openssl]);
  const dir = makeServerDir("certificates");
  const file = (name: string) => join(dir, name);
  writeFileSync(file("openssl.cnf"), config);
  const common = ["req", "-x509", "-config", file("openssl.cnf"), "-days", "2"];
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const request = (name: string, more: readonly string[]) => {
    const what = ["-extensions", name, "-subj", `/CN=hashwatt test ${name}`, "-keyout", file(`${name}.key`), "-out", file(`${name}.pem`)];
    return run("openssl", [...common, ...newKey, ...what, ...more]);
  };
  const signed = async (name: string): Promise<SignedPair> => {
    await request(name, ["-CA", file("ca.pem"), "-CAkey", file("ca.key")]);
    const [certFile, keyFile, bothFile] = [file(`${name}.pem`), file(`${name}.key`), file(`${name}-both.pem`)];
    writeFileSync(bothFile, readFileSync(keyFile, "utf8") + readFileSync(certFile, "utf8"));
    return { certFile, keyFile, bothFile };
  };
  await request("ca", []);
  return { dir, caFile: file("ca.pem"), server: await signed("server"), client: await signed("client") };
}
