// One process for the programs of the MCP Inspector, whose start is most of their time: `cli` connects for each run,
// `mcpdo` keeps its connections. Its daemon runs in this process too.
// usage: node inspector.mjs INSPECTOR; each line of input is { words: [program, ...arguments], until }, and is answered
// by a line { status, out, err }; `until` is the text at whose print an interrupt is sent to the program
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const clients = join(process.argv[2], "clients");
const load = (...parts) => import(pathToFileURL(join(clients, ...parts)).href);
// the path of a socket has at most about 100 characters
const folder = mkdtempSync(join(tmpdir(), "mcpdo-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
process.env.MCP_INSPECTOR_DAEMON_DIR = folder;

const { runCli, handleError } = await load("cli", "build", "index.js");
const programs = { cli: [runCli, handleError] };
let daemon;

// mcpdo and its daemon share a module, whose name has a hash: the imports of the daemon tell it
async function startMcpdo() {
  const build = ["mcpdo", "build"];
  const [, shared] = readFileSync(join(clients, ...build, "mcpdod.js"), "utf8").match(/from "\.\/(chunk-\w+\.js)"/);
  const { DaemonServer, handleError: handle } = await load(...build, shared);
  daemon = new DaemonServer({ dir: folder, requiredToken: "this process" });
  await daemon.start();
  const { runMcp } = await load(...build, "mcp-bin.js");
  programs.mcpdo = [runMcp, handle];
}

// what the libraries do with an interrupt: they end the process
let others = [];
const print = process.stdout.write.bind(process.stdout);
const exit = process.exit.bind(process);

class Exit extends Error {
  constructor(status) {
    super(`exit ${status}`);
    this.status = status;
  }
}

process.exit = (status) => {
  throw new Exit(status ?? process.exitCode ?? 0);
};

function caught(stream, until) {
  let text = "";
  const write = stream.write;
  stream.write = (data, encoding, done) => {
    text += typeof data === "string" ? data : Buffer.from(data).toString("utf8");
    if (until && text.includes(until)) {
      until = "";
      for (const handler of process.listeners("SIGINT")) if (!others.includes(handler)) handler("SIGINT");
    }
    const after = typeof encoding === "function" ? encoding : done;
    if (after) queueMicrotask(after);
    return true;
  };
  return () => {
    stream.write = write;
    return text;
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { words, until } = JSON.parse(line);
  const [program, ...args] = words;
  if (program === "mcpdo" && !daemon) await startMcpdo();
  const [run, handle] = programs[program];
  others = process.listeners("SIGINT");
  const out = caught(process.stdout, until);
  const err = caught(process.stderr);
  let status = 0;
  process.exitCode = undefined;
  try {
    await run(["node", program, ...args]);
    status = process.exitCode ?? 0;
  } catch (error) {
    // what the program does with an error: it prints it, and exits with the status that belongs to it
    try {
      await handle(error);
    } catch (ended) {
      if (!(ended instanceof Exit)) throw ended;
      status = ended.status;
    }
  }
  print(`${JSON.stringify({ status, out: out(), err: err() })}\n`);
}
await daemon?.stop();
exit(0);
