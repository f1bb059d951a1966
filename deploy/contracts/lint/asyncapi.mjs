// Reads an AsyncAPI file as its reference parser does; says what it finds and fails for errors and warnings.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const text = readFileSync(process.argv[2], "utf-8");
const { document, diagnostics } = await new Parser().parse(text);
const found = diagnostics.filter((each) => each.severity <= 1);
for (const each of found) console.error(`${each.path.join(".")}: ${each.message} (${each.code})`);
if (!document || found.length) process.exit(1);
console.log(document.allMessages().all().map((message) => message.name()).join("\n"));
