// Runs the CLI of the MCP Inspector for several lists of arguments in one process: most of its time is its start.
// usage: node inspector_batch.mjs INSPECTOR < RUNS, a list of lists; prints a list of { status, out, err, ms }
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const entry = join(process.argv[2], "clients", "cli", "build", "index.js");
const { runCli, handleError } = await import(pathToFileURL(entry).href);
const runs = JSON.parse(readFileSync(0, "utf8"));
const print = process.stdout.write.bind(process.stdout);
const exit = process.exit.bind(process);
const answers = [];

class Exit extends Error {
  constructor(status) {
    super(`exit ${status}`);
    this.status = status;
  }
}

process.exit = (status) => {
  throw new Exit(status ?? process.exitCode ?? 0);
};

function caught(stream) {
  let text = "";
  const write = stream.write;
  stream.write = (data, encoding, done) => {
    text += typeof data === "string" ? data : Buffer.from(data).toString("utf8");
    const after = typeof encoding === "function" ? encoding : done;
    if (after) queueMicrotask(after);
    return true;
  };
  return () => {
    stream.write = write;
    return text;
  };
}

for (const args of runs) {
  const out = caught(process.stdout);
  const err = caught(process.stderr);
  const began = performance.now();
  let status = 0;
  process.exitCode = undefined;
  try {
    await runCli(["node", entry, ...args]);
    status = process.exitCode ?? 0;
  } catch (error) {
    // what the program does with an error: it prints it, and exits with the status that belongs to it
    try {
      await handleError(error);
    } catch (ended) {
      if (!(ended instanceof Exit)) throw ended;
      status = ended.status;
    }
  }
  answers.push({ status, out: out(), err: err(), ms: Math.round(performance.now() - began) });
}
print(JSON.stringify(answers), () => exit(0));
